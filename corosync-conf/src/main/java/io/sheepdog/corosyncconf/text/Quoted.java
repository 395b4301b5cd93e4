package io.sheepdog.corosyncconf.text;

/** Parts of a file in messages: short, and without letters that a terminal would obey. */
public final class Quoted {
  private static final int LONGEST = 60;

  private Quoted() {}

  /** The text, cut after 60 characters, with control characters as {@code \xNN}. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(c -> append(out, c));
    if (text.codePointCount(0, text.length()) > LONGEST) {
      out.append("...");
    }
    return out.toString();
  }

  private static void append(StringBuilder out, int c) {
    if (Character.isISOControl(c)) {
      out.append(String.format("\\x%02x", c));
    } else {
      out.appendCodePoint(c);
    }
  }
}
