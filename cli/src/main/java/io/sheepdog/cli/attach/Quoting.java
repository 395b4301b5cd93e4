package io.sheepdog.cli.attach;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Text as a shell, QEMU, XML and URIs want it. */
final class Quoting {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%=+,-]+");

  private Quoting() {}

  /** One word of a POSIX shell. */
  static String word(String text) {

    return PLAIN.matcher(text).matches() ? text : quoted(text);
  }

  /** One word of a POSIX shell, in quotes also where it needs none. */
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** A value in QEMU's {@code key=value,key=value}. */
  static String option(String value) {
    return value.replace(",", ",,");
  }

  /** The value of an attribute in single quotes. */
  static String xml(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
  }

  /** A part of a URI; {@code @} stays, and so does {@code /} where it separates nothing. */
  static String uri(String text, boolean slashes) {
    String encoded =
        URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%40", "@");
    return slashes ? encoded.replace("%2F", "/") : encoded;
  }
}
