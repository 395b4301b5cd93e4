package io.sheepdog.daemon.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** One event as one line, without its line break. */
interface LineFormat {
  String format(ILoggingEvent event);

  /** {@code Mmm dd hh:mm:ss LEVEL [thread] logger text}, the level right-aligned in 6 columns. */
  static LineFormat server() {
    DateTimeFormatter time =
        DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT)
            .withZone(ZoneId.systemDefault());
    return event -> {
      String logger = event.getLoggerName();
      return time.format(event.getInstant())
          + " "
          + " ".repeat(Math.max(0, 6 - event.getLevel().levelStr.length()))
          + event.getLevel().levelStr
          + " ["
          + event.getThreadName()
          + "] "
          + logger.substring(logger.lastIndexOf('.') + 1)
          + " "
          + text(event);
    };
  }

  /** The text alone. */
  static LineFormat plain() {
    return LineFormat::text;
  }

  /** A JSON object as v1.0 writes it (spec/cli-sheep-daemon.md section 5). */
  static LineFormat json(int port) {
    return event ->
        "{\"user_info\": {\"program_name\": \"sheep\", \"port\": "
            + port
            + "}, \"body\": {\"second\": "
            + event.getInstant().getEpochSecond()
            + ", \"usecond\": "
            + event.getInstant().getNano() / 1000
            + ", \"worker_name\": "
            + JsonText.quote(event.getThreadName())
            + ", \"worker_idx\": 0, \"func\": "
            + JsonText.quote(event.getLoggerName())
            + ", \"line\": 0, \"msg\": "
            + JsonText.quote(text(event))
            + "}}";
  }

  /** Message and, on the same line, cause and stack. */
  private static String text(ILoggingEvent event) {
    StringBuilder text = new StringBuilder(event.getFormattedMessage());
    String before = " cause=\"";
    IThrowableProxy cause = event.getThrowableProxy();
    for (int depth = 0; cause != null && depth < 5; depth++, cause = cause.getCause()) {
      text.append(before).append(cause.getClassName()).append(": ").append(cause.getMessage());
      int frames = 0;
      for (StackTraceElementProxy frame : cause.getStackTraceElementProxyArray()) {
        if (frames++ == 30) {
          break;
        }
        text.append(" <- ").append(frame.getStackTraceElement());
      }
      before = " caused by ";
    }
    if (event.getThrowableProxy() != null) {
      text.append('"');
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ') {
        text.setCharAt(i, ' ');
      }
    }
    return text.toString();
  }
}
