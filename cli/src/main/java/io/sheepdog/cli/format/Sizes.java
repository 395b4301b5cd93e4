package io.sheepdog.cli.format;

import java.util.Locale;

/** Sizes as people read and write them. */
public final class Sizes {
  private static final String[] UNITS = {"MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  private static final String SUFFIXES = "bkmgtp";
  private static final double STEP = 1024;

  private Sizes() {}

  /**
   * At most 7 characters, never a unit below MB, one decimal below 10 (spec/cli-collie-2010.md
   * section 2.1): {@code 40 GB}, {@code 0.5 MB}.
   */
  public static String human(long bytes) {
    double value = bytes / (STEP * STEP);
    int unit = 0;
    while (value >= STEP && unit < UNITS.length - 1) {
      value /= STEP;
      unit++;
    }
    return value >= 10
        ? String.format(Locale.ROOT, "%.0f %s", Math.rint(value), UNITS[unit])
        : String.format(Locale.ROOT, "%.1f %s", Math.rint(value * 10) / 10, UNITS[unit]);
  }

  /**
   * Reads a number with at most one suffix letter b, k, m, g, t or p (powers of 1024): {@code 40G},
   * {@code 1.5t}, {@code 4194304}.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static long parse(String text) {
    String number = text;
    int power = 0;
    if (!text.isEmpty()) {
      int suffix = SUFFIXES.indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
      if (suffix >= 0) {
        power = suffix;
        number = text.substring(0, text.length() - 1);
      }
    }
    double value = toNumber(text, number) * Math.pow(STEP, power);
    if (value < 0) {
      throw new IllegalArgumentException("Invalid size '" + text + "': it must not be negative");
    }
    if (value >= Long.MAX_VALUE) {
      throw new IllegalArgumentException("Invalid size '" + text + "': it is too large");
    }
    return (long) value;
  }

  private static double toNumber(String text, String number) {
    if (!number.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")) {
      throw new IllegalArgumentException(
          "Invalid size '"
              + text
              + "': a number with one of the suffixes K, M, G, T, P is expected, such as 40G");
    }
    return Double.parseDouble(number);
  }
}
