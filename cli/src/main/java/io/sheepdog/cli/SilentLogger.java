package io.sheepdog.cli;

import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import org.jspecify.annotations.Nullable;

/** Netty's log goes nowhere: a tool says what users must know itself. */
final class SilentLogger extends AbstractInternalLogger {
  static final InternalLoggerFactory FACTORY =
      new InternalLoggerFactory() {
        @Override
        protected InternalLogger newInstance(String name) {
          return INSTANCE;
        }
      };

  private static final SilentLogger INSTANCE = new SilentLogger();
  private static final long serialVersionUID = 1L;

  private SilentLogger() {
    super("silent");
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public boolean isInfoEnabled() {
    return false;
  }

  @Override
  public boolean isWarnEnabled() {
    return false;
  }

  @Override
  public boolean isErrorEnabled() {
    return false;
  }

  @Override
  public void trace(@Nullable String message) {}

  @Override
  public void trace(@Nullable String format, @Nullable Object argument) {}

  @Override
  public void trace(@Nullable String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void trace(@Nullable String format, @Nullable Object... arguments) {}

  @Override
  public void trace(@Nullable String message, @Nullable Throwable cause) {}

  @Override
  public void debug(@Nullable String message) {}

  @Override
  public void debug(@Nullable String format, @Nullable Object argument) {}

  @Override
  public void debug(@Nullable String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void debug(@Nullable String format, @Nullable Object... arguments) {}

  @Override
  public void debug(@Nullable String message, @Nullable Throwable cause) {}

  @Override
  public void info(@Nullable String message) {}

  @Override
  public void info(@Nullable String format, @Nullable Object argument) {}

  @Override
  public void info(@Nullable String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void info(@Nullable String format, @Nullable Object... arguments) {}

  @Override
  public void info(@Nullable String message, @Nullable Throwable cause) {}

  @Override
  public void warn(@Nullable String message) {}

  @Override
  public void warn(@Nullable String format, @Nullable Object argument) {}

  @Override
  public void warn(@Nullable String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void warn(@Nullable String format, @Nullable Object... arguments) {}

  @Override
  public void warn(@Nullable String message, @Nullable Throwable cause) {}

  @Override
  public void error(@Nullable String message) {}

  @Override
  public void error(@Nullable String format, @Nullable Object argument) {}

  @Override
  public void error(@Nullable String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void error(@Nullable String format, @Nullable Object... arguments) {}

  @Override
  public void error(@Nullable String message, @Nullable Throwable cause) {}
}
