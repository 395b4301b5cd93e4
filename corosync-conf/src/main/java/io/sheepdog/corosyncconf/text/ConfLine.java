package io.sheepdog.corosyncconf.text;

import java.nio.charset.StandardCharsets;

/**
 * One line.
 *
 * @param number 1 for the first line of the file
 * @param kind what corosync takes it for
 * @param raw its bytes without the newline, one char (0 to 255) per byte
 * @param newline whether a newline follows; only the last line of a file may have none
 * @param name key of an {@link Kind#ENTRY}, name of the section of an {@link Kind#OPEN}, else empty
 * @param value value of an {@link Kind#ENTRY}, else empty
 */
public record ConfLine(
    int number, Kind kind, String raw, boolean newline, String name, String value) {

  /** What corosync takes a line for. */
  public enum Kind {
    /** Nothing but blanks and tabs. */
    BLANK,
    /** Its first letter is a number sign. */
    COMMENT,
    /** The beginning of a section. */
    OPEN,
    /** The end of a section. */
    CLOSE,
    /** A key and its value. */
    ENTRY,
    /** None of these: corosync refuses the file. */
    BROKEN
  }

  /** The blanks and tabs that it begins with. */
  public String indentation() {
    int end = 0;
    while (end < raw.length() && (raw.charAt(end) == ' ' || raw.charAt(end) == '\t')) {
      end++;
    }
    return raw.substring(0, end);
  }

  /** What it says, without surrounding white space, for messages. */
  public String text() {
    return decoded(raw).strip();
  }

  /** The text of bytes that are kept one per char; what is not UTF-8 becomes U+FFFD. */
  static String decoded(String raw) {
    return new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The bytes of a text as UTF-8, one per char. */
  static String encoded(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
