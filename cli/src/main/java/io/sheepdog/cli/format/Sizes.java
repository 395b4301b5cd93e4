package io.sheepdog.cli.format;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people read and write them. */
public final class Sizes {
  private static final String[] UNITS = {"MB", "GB", "TB", "PB", "EB"};
  private static final int FIRST_SHIFT = 20;
  private static final int STEP_SHIFT = 10;
  private static final int TEN = 10;

  /** Any number of so many digits fits 63 bits. */
  private static final int PLAIN_DIGITS = 18;

  private static final String SUFFIXES = "bkmgtp";

  private Sizes() {}

  /**
   * At most 7 characters, never a unit below MB, one decimal below 10, half to even
   * (spec/cli-collie-2010.md section 2.1): {@code 40 GB}, {@code 0.5 MB}.
   *
   * @param bytes 0..2^63-1
   */
  public static String human(long bytes) {
    int unit = 0;
    while (unit < UNITS.length - 1
        && bytes >>> (FIRST_SHIFT + STEP_SHIFT * unit) >= 1 << STEP_SHIFT) {
      unit++;
    }
    int shift = FIRST_SHIFT + STEP_SHIFT * unit;
    if (bytes >>> shift >= TEN) {
      return rounded(bytes, shift) + " " + UNITS[unit];
    }
    // ten times the value must fit; of the bits cut off only whether there are any matters
    int cut = Math.max(0, shift - 50);
    long low = bytes & ((1L << cut) - 1);
    long kept = bytes >>> cut | (low == 0 ? 0 : 1);
    long tenths = rounded(kept * TEN, shift - cut);
    return tenths / TEN + "." + tenths % TEN + " " + UNITS[unit];
  }

  /** {@code value / 2^shift} to the nearest integer, to the even one of two. */
  private static long rounded(long value, int shift) {
    long whole = value >>> shift;
    long rest = value & ((1L << shift) - 1);
    long half = 1L << (shift - 1);
    boolean up = rest > half || (rest == half && (whole & 1) == 1);
    return up ? whole + 1 : whole;
  }

  /**
   * Reads a number as C writes floating point literals, with at most one suffix letter b, k, m, g,
   * t or p (powers of 1024): {@code 40G}, {@code 1.5t}, {@code 0x10M}, {@code 4194304}. Truncated
   * to a whole number of bytes.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static long parse(String text) {
    Matcher matcher = Literal.FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Invalid size '"
              + text
              + "': a number of bytes is expected, with K, M, G, T or P for powers of 1024, such as 40G");
    }
    String number = String.valueOf(matcher.group(1));
    String suffix = String.valueOf(matcher.group(2)).toLowerCase(Locale.ROOT);
    int shift = suffix.isEmpty() ? 0 : STEP_SHIFT * SUFFIXES.indexOf(suffix);
    // a double holds 53 bits; a plain number of bytes is taken as it is
    if (shift == 0 && PLAIN_DIGITS >= number.length() && isDigits(number)) {
      return Long.parseLong(number);
    }
    double value = toDouble(number) * (1L << shift);
    if (value < 0) {
      throw new IllegalArgumentException("Invalid size '" + text + "': it must not be negative");
    }
    if (value >= Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Invalid size '" + text + "': it is too large; less than 8 EiB is expected");
    }
    return (long) value;
  }

  private static boolean isDigits(String number) {
    return number.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static double toDouble(String number) {
    boolean isHex = number.indexOf('x') >= 0 || number.indexOf('X') >= 0;
    boolean lacksExponent = number.indexOf('p') < 0 && number.indexOf('P') < 0;
    return Double.parseDouble(isHex && lacksExponent ? number + "p0" : number);
  }

  /** Compiled when first needed: most commands read no size. */
  private static final class Literal {
    static final Pattern FORM =
        Pattern.compile(
            "([+-]?(?:0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]{1,9})?"
                + "|(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?))([bkmgtpBKMGTP]?)");
  }
}
