package io.sheepdog.corosyncconf.text;

import io.sheepdog.corosyncconf.text.ConfLine.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes to some lines of a file; all others stay as they are, byte for byte. Collect changes by
 * the line numbers of the old file, then {@link #apply}. A line that is dropped stays dropped,
 * whatever else happens to it. One thread.
 */
public final class LineEdits {
  private final ConfText text;
  private final BitSet dropped = new BitSet();
  private final Map<Integer, List<String>> replaced = new HashMap<>();
  private final Map<Integer, List<String>> inserted = new HashMap<>();
  private final List<List<String>> appended = new ArrayList<>();

  /** Begins without changes. */
  public LineEdits(ConfText text) {
    this.text = text;
  }

  /** Leaves out the lines from first to last, both included. */
  public void drop(int first, int last) {
    dropped.set(first, last + 1);
  }

  /** Leaves out a section, and the blank line after it if there is one before it too. */
  public void drop(ConfSection section) {
    drop(section.first(), section.last());
    boolean blankBefore = section.first() == 1 || isBlank(section.first() - 1);
    if (blankBefore && isBlank(section.last() + 1)) {
      drop(section.last() + 1, section.last() + 1);
    }
  }

  private boolean isBlank(int line) {
    return line <= text.lines().size() && text.lines().get(line - 1).kind() == Kind.BLANK;
  }

  /** Puts lines, with the indentation of the old one, in the place of a line. */
  public void replace(int line, List<String> contents) {
    replaced.put(line, indented(line, contents));
  }

  /** Puts lines after a line; they begin with the white space that the caller gives. */
  public void insertAfter(int line, List<String> contents) {
    inserted.computeIfAbsent(line, key -> new ArrayList<>()).addAll(contents);
  }

  /** Puts lines after the end of the file, with a blank line before them. */
  public void append(List<String> contents) {
    appended.add(contents);
  }

  private List<String> indented(int line, List<String> contents) {
    String indentation = text.lines().get(line - 1).indentation();
    return contents.stream().map(content -> indentation + content).toList();
  }

  /** The new file. New lines end as the first line of the old file does. */
  public byte[] apply() {
    boolean windows = !text.lines().isEmpty() && text.lines().get(0).raw().endsWith("\r");
    String end = windows ? "\r\n" : "\n";
    StringBuilder out = new StringBuilder();
    for (ConfLine line : text.lines()) {
      List<String> instead = replaced.get(line.number());
      if (dropped.get(line.number())) {
        instead = List.of();
      }
      if (instead != null) {
        instead.forEach(content -> out.append(ConfLine.encoded(content)).append(end));
      } else {
        out.append(line.raw()).append(line.newline() ? "\n" : "");
      }
      add(out, inserted.getOrDefault(line.number(), List.of()), end);
    }
    for (List<String> contents : appended) {
      if (out.length() > 0 && !endsBlank(out)) {
        add(out, List.of(""), end);
      }
      add(out, contents, end);
    }
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean endsBlank(StringBuilder out) {
    String last = out.substring(Math.max(0, out.length() - 3)).replace("\r", "");
    return last.endsWith("\n\n");
  }

  private static void add(StringBuilder out, List<String> contents, String end) {
    for (String content : contents) {
      if (out.length() > 0 && out.charAt(out.length() - 1) != '\n') {
        out.append(end);
      }
      out.append(ConfLine.encoded(content)).append(end);
    }
  }
}
