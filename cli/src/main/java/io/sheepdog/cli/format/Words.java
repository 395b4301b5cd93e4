package io.sheepdog.cli.format;

/** Fields of tables: padded, escaped. Without {@code String.format}, which is slow at first use. */
public final class Words {
  private static final String WHITE_SPACE = " \t\n\u000b\f\r";

  private Words() {}

  /** The text, blanks after it up to {@code width} columns. */
  public static String left(String text, int width) {
    return text + blanks(text, width);
  }

  /** The text, blanks before it up to {@code width} columns. */
  public static String right(String text, int width) {
    return blanks(text, width) + text;
  }

  /** The number, blanks before it up to {@code width} columns. */
  public static String right(long number, int width) {
    return right(Long.toString(number), width);
  }

  private static String blanks(String text, int width) {
    return " ".repeat(Math.max(0, width - text.codePointCount(0, text.length())));
  }

  /** A name in raw output: white space and backslashes have a backslash before them. */
  public static String escaped(String name) {
    StringBuilder escaped = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\' || WHITE_SPACE.indexOf(c) >= 0) {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return escaped.toString();
  }

  /** What an exception says, or what it is when it says nothing. */
  public static String orName(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
