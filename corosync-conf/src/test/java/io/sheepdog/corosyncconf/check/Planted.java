package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.Files;
import io.sheepdog.corosyncconf.text.ConfText;
import java.nio.charset.StandardCharsets;

/**
 * A mistake in a file that was good.
 *
 * @param file the good file
 * @param from what is replaced there, the first time it occurs; empty for the end of the file
 * @param to what replaces it; {@code @@} stands in the line where the finding is expected
 * @param severity how bad the finding must be
 * @param key which finding is expected
 */
record Planted(String file, String from, String to, Severity severity, String key) {
  private static final String MARK = "@@";

  static Planted error(String file, String from, String to, String key) {
    return new Planted(file, from, to, Severity.ERROR, key);
  }

  static Planted warning(String file, String from, String to, String key) {
    return new Planted(file, from, to, Severity.WARNING, key);
  }

  private String marked() {
    String text = Files.text(file);
    int at = from.isEmpty() ? text.length() : text.indexOf(from);
    if (at < 0 || !to.contains(MARK)) {
      throw new IllegalStateException("nothing can be planted: " + this);
    }
    return text.substring(0, at) + to + text.substring(at + from.length());
  }

  ConfText text() {
    return ConfText.parse(marked().replace(MARK, "").getBytes(StandardCharsets.UTF_8));
  }

  int line() {
    String before = marked().substring(0, marked().indexOf(MARK));
    return 1 + (int) before.chars().filter(c -> c == '\n').count();
  }

  @Override
  public String toString() {
    return key + " in " + file + ": " + to.replace('\n', '|');
  }
}
