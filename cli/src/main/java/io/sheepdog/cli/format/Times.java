package io.sheepdog.cli.format;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times in the local time zone. */
public final class Times {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter SHORT_YEAR =
      DateTimeFormatter.ofPattern("yy-MM-dd HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter CTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private Times() {}

  /** {@code 2010-05-02 13:16}. */
  public static String minute(long unixSeconds) {
    return format(MINUTE, unixSeconds);
  }

  /** {@code 2010-05-02 13:16:05}. */
  public static String second(long unixSeconds) {
    return format(SECOND, unixSeconds);
  }

  /** {@code 10-05-02 13:16:05}, as before 21 May 2010. */
  public static String shortYear(long unixSeconds) {
    return format(SHORT_YEAR, unixSeconds);
  }

  /** {@code Sun May 2 13:16:05 2010}, as C's ctime. */
  public static String ctime(long unixSeconds) {
    return format(CTIME, unixSeconds);
  }

  /** {@code 2010-05-02}. */
  public static String day(long unixSeconds) {
    return format(DAY, unixSeconds);
  }

  /** {@code 13:16:05}. */
  public static String clock(long unixSeconds) {
    return format(CLOCK, unixSeconds);
  }

  private static String format(DateTimeFormatter formatter, long unixSeconds) {
    return formatter.format(Instant.ofEpochSecond(unixSeconds).atZone(ZoneId.systemDefault()));
  }
}
