package io.sheepdog.daemon.options;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Syslog's levels; the number on the wire and on the command line is the ordinal. */
public enum LogLevel {
  /** The system is unusable. */
  EMERG("emerg"),
  /** Action must be taken at once. */
  ALERT("alert"),
  /** Critical. */
  CRIT("crit"),
  /** Error. */
  ERR("err"),
  /** Warning. */
  WARNING("warning"),
  /** Normal but significant. */
  NOTICE("notice"),
  /** Informational. */
  INFO("info"),
  /** Debugging. */
  DEBUG("debug");

  private final String text;

  LogLevel(String text) {
    this.text = text;
  }

  /** As on the command line. */
  public String text() {
    return text;
  }

  /** The level with that number, or null outside 0..7. */
  public static @Nullable LogLevel fromNumber(int number) {
    return number < 0 || number >= values().length ? null : values()[number];
  }

  static LogLevel parse(String text) throws OptionException {
    for (LogLevel level : values()) {
      if (level.text.equals(text) || Integer.toString(level.ordinal()).equals(text)) {
        return level;
      }
    }
    throw new OptionException(
        "Invalid log level '" + text + "'",
        "Available log levels: 0..7 or "
            + Arrays.stream(values()).map(LogLevel::text).collect(Collectors.joining(" ")));
  }
}
