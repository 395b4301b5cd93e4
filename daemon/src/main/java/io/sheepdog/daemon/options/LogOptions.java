package io.sheepdog.daemon.options;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Value of {@code -l}; several add up.
 *
 * @param level least severe level that is logged; default info
 * @param directory where {@code sheep.log} goes; null for the store
 * @param format default server
 * @param toStdout whether the log goes to standard output instead of a file; default no
 */
public record LogOptions(
    LogLevel level, @Nullable Path directory, LogFormat format, boolean toStdout) {
  /** What holds without {@code -l}. */
  static final LogOptions DEFAULT = new LogOptions(LogLevel.INFO, null, LogFormat.SERVER, false);

  LogOptions withLevel(LogLevel newLevel) {
    return new LogOptions(newLevel, directory, format, toStdout);
  }

  /** Adds one {@code -l}: a level, or a list of key=value. */
  LogOptions with(String text) throws OptionException {
    if (text.indexOf('=') < 0) {
      return withLevel(LogLevel.parse(text));
    }
    LogOptions result = this;
    for (String item : text.split(",", -1)) {
      result = result.withItem(item);
    }
    if (result.toStdout && result.directory != null) {
      throw new OptionException(
          "log: dir= needs the log to go to a file; leave out dst=stdout or dir=");
    }
    return result;
  }

  private LogOptions withItem(String item) throws OptionException {
    int equals = item.indexOf('=');
    String key = equals < 0 ? item : item.substring(0, equals);
    String value = item.substring(equals + 1);
    return switch (key) {
      case "level" -> withLevel(LogLevel.parse(value));
      case "format" -> new LogOptions(level, directory, LogFormat.parse(value), toStdout);
      case "dir" -> new LogOptions(level, existingDirectory(value), format, toStdout);
      case "dst" -> new LogOptions(level, directory, format, isStdout(value));
      default -> throw new OptionException("invalid option " + item);
    };
  }

  private static Path existingDirectory(String text) throws OptionException {
    Path path = Path.of(text).toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      throw new OptionException(
          "log directory '" + text + "' does not exist or is not a directory; create it first");
    }
    return path;
  }

  private static boolean isStdout(String text) throws OptionException {
    return switch (text) {
      case "default" -> false;
      case "stdout" -> true;
      case "syslog" ->
          throw new OptionException(
              "log destination 'syslog' is not supported yet; leave it out (the log is then sheep.log in the store) or use"
                  + " dst=stdout under a service manager that collects it");
      default ->
          throw new OptionException(
              "invalid log destination: " + text, "Available log destinations: default stdout");
    };
  }
}
