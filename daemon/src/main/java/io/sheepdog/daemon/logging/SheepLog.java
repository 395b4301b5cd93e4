package io.sheepdog.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sheepdog.daemon.options.LogFormat;
import io.sheepdog.daemon.options.LogLevel;
import io.sheepdog.daemon.options.LogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** The log of this process, from its creation to {@link #close}. */
public final class SheepLog implements AutoCloseable {
  /** Name of the file. */
  public static final String FILE_NAME = "sheep.log";

  private static final String NETTY = "io.netty";
  private static final long STOP_SECONDS = 5;

  private final LogOptions options;
  private final LoggerContext context;
  private final LineWriter writer = new LineWriter(count -> "event=LINES_DROPPED count=" + count);
  private volatile LogLevel level;

  /**
   * Collects events from now on; nothing is written before {@link #open}.
   *
   * @param port the daemon's port, which the JSON format shows
   */
  public SheepLog(LogOptions options, int port) {
    this.options = options;
    this.level = options.level();
    this.context = (LoggerContext) LoggerFactory.getILoggerFactory();
    LineAppender appender = new LineAppender(format(options.format(), port), writer);
    appender.setContext(context);
    appender.setName("sheep");
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    setLevel(options.level());
  }

  /**
   * Writes what was collected, and from now on each event.
   *
   * @param store directory of {@code sheep.log} unless the options name another
   * @throws IOException if the file cannot be opened
   */
  public void open(Path store) throws IOException {
    if (options.toStdout()) {
      writer.start(new StdoutSink());
    } else {
      Path directory = Objects.requireNonNullElse(options.directory(), store);
      writer.start(
          new FileSink(
              directory.resolve(FILE_NAME), FileSink.ROTATE_AT, Clock.systemDefaultZone()));
    }
  }

  private static LineFormat format(LogFormat format, int port) {
    return switch (format) {
      case SERVER -> LineFormat.server();
      case DEFAULT -> LineFormat.plain();
      case JSON -> LineFormat.json(port);
    };
  }

  /** The least severe level that is logged. */
  public LogLevel level() {
    return level;
  }

  /** Changes the level. */
  public void setLevel(LogLevel newLevel) {
    level = newLevel;
    Level own =
        switch (newLevel) {
          case EMERG, ALERT, CRIT, ERR -> Level.ERROR;
          case WARNING -> Level.WARN;
          case NOTICE, INFO -> Level.INFO;
          case DEBUG -> Level.DEBUG;
        };
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(own);
    // At its debug level Netty tells much about itself and nothing about the cluster.
    context.getLogger(NETTY).setLevel(own == Level.ERROR ? Level.ERROR : Level.WARN);
  }

  /** Starts a new file. */
  public void rotate() {
    writer.rotate();
  }

  /** Writes what is queued, within a bound, and ends. */
  @Override
  public void close() {
    context.getLogger(Logger.ROOT_LOGGER_NAME).detachAndStopAllAppenders();
    try {
      writer.stop(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class LineAppender extends AppenderBase<ILoggingEvent> {
    private final LineFormat format;
    private final LineWriter writer;

    LineAppender(LineFormat format, LineWriter writer) {
      this.format = format;
      this.writer = writer;
    }

    @Override
    protected void append(ILoggingEvent event) {
      writer.add(format.format(event));
    }
  }
}
