package io.sheepdog.debian;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the man macros of troff (man(7), groff_man(7)). */
final class Roff {
  private final StringBuilder out = new StringBuilder();

  /** A heading within a section. */
  Roff heading(String text) {
    out.append(".SS ").append(escape(text)).append('\n');
    return this;
  }

  /** A paragraph. */
  Roff paragraph(String text) {
    out.append(".PP\n").append(line(text));
    return this;
  }

  /** A command as it is typed: the first part bold, the rest as it is. */
  Roff synopsis(String bold, String rest) {
    out.append(".PP\n\\fB").append(escape(bold)).append("\\fR");
    out.append(rest.isEmpty() ? "" : " " + escape(rest)).append('\n');
    return this;
  }

  /** An option with all its spellings. */
  Roff option(List<String> names, @Nullable String value, String text) {
    StringBuilder tag = new StringBuilder();
    for (String name : names) {
      tag.append(tag.isEmpty() ? "" : ", ").append("\\fB").append(escape(name)).append("\\fR");
    }
    if (value != null) {
      tag.append(" \\fI").append(escape(value)).append("\\fR");
    }
    out.append(".TP\n").append(tag).append('\n').append(line(text));
    return this;
  }

  /** A word and what it means. */
  Roff term(String name, String text) {
    return option(List.of(name), null, text);
  }

  /** Text at the beginning of a line must not look like a request. */
  private static String line(String text) {
    String escaped = escape(text);
    return (escaped.startsWith(".") ? "\\&" : "") + escaped + "\n";
  }

  /** A hyphen that may be copied, a backslash that is one, an apostrophe that stays straight. */
  static String escape(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("\n", " ");
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
