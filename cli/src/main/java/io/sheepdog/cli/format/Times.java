package io.sheepdog.cli.format;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;

/**
 * Times in the local time zone. Put together by hand: at first use a {@code DateTimeFormatter}
 * takes longer than everything else that a command does.
 */
public final class Times {
  private static final String DAYS = "MonTueWedThuFriSatSun";
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final int NAME_LENGTH = 3;
  private static final int CENTURY = 100;
  private static final int MINUTE = 60;

  private Times() {}

  /** A time that is left: {@code 0:07}, {@code 12:30}, {@code 150:00}. */
  public static String left(long seconds) {
    return seconds / MINUTE + ":" + two((int) (seconds % MINUTE));
  }

  /** {@code 2010-05-02 13:16}. */
  public static String minute(long unixSeconds) {
    LocalDateTime time = local(unixSeconds);
    return day(time) + " " + two(time.getHour()) + ":" + two(time.getMinute());
  }

  /** {@code 2010-05-02 13:16:05}. */
  public static String second(long unixSeconds) {
    LocalDateTime time = local(unixSeconds);
    return day(time) + " " + clock(time);
  }

  /** {@code 10-05-02 13:16:05}, as before 21 May 2010. */
  public static String shortYear(long unixSeconds) {
    LocalDateTime time = local(unixSeconds);
    return two(time.getYear() % CENTURY) + monthAndDay(time) + " " + clock(time);
  }

  /** {@code Sun May 2 13:16:05 2010}, as C's ctime. */
  public static String ctime(long unixSeconds) {
    LocalDateTime time = local(unixSeconds);
    return name(DAYS, time.getDayOfWeek().getValue())
        + " "
        + name(MONTHS, time.getMonthValue())
        + " "
        + Words.right(time.getDayOfMonth(), 2)
        + " "
        + clock(time)
        + " "
        + time.getYear();
  }

  /** {@code 2010-05-02}. */
  public static String day(long unixSeconds) {
    return day(local(unixSeconds));
  }

  /** {@code 13:16:05}. */
  public static String clock(long unixSeconds) {
    return clock(local(unixSeconds));
  }

  private static LocalDateTime local(long unixSeconds) {
    Instant instant = Instant.ofEpochSecond(unixSeconds);
    return LocalDateTime.ofEpochSecond(
        unixSeconds, 0, ZoneId.systemDefault().getRules().getOffset(instant));
  }

  private static String day(LocalDateTime time) {
    return time.getYear() + monthAndDay(time);
  }

  private static String monthAndDay(LocalDateTime time) {
    return "-" + two(time.getMonthValue()) + "-" + two(time.getDayOfMonth());
  }

  private static String clock(LocalDateTime time) {
    return two(time.getHour()) + ":" + two(time.getMinute()) + ":" + two(time.getSecond());
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : Integer.toString(number);
  }

  private static String name(String names, int number) {
    return names.substring((number - 1) * NAME_LENGTH, number * NAME_LENGTH);
  }
}
