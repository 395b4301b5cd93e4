package io.sheepdog.daemon.options;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a line of the log looks. */
public enum LogFormat {
  /** {@code Mmm dd hh:mm:ss LEVEL [thread] logger text}. */
  SERVER,
  /** The text alone. */
  DEFAULT,
  /** One JSON object per line. */
  JSON;

  static LogFormat parse(String text) throws OptionException {
    for (LogFormat format : values()) {
      if (format.text().equals(text)) {
        return format;
      }
    }
    throw new OptionException(
        "invalid log format: " + text,
        "Available log formats: "
            + Arrays.stream(values()).map(LogFormat::text).collect(Collectors.joining(" ")));
  }

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
