package io.sheepdog.daemon.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.daemon.options.LogFormat;
import io.sheepdog.daemon.options.LogLevel;
import io.sheepdog.daemon.options.LogOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(30)
class SheepLogTest {
  private static final Logger LOGGER = LoggerFactory.getLogger("io.sheepdog.daemon.net");

  @TempDir private Path directory;

  private SheepLog open(LogLevel level, LogFormat format) throws IOException {
    SheepLog log = new SheepLog(new LogOptions(level, null, format, false), 7101);
    log.open(directory);
    return log;
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(directory.resolve(SheepLog.FILE_NAME));
  }

  @Test
  void serverFormatHasTimeAlignedLevelThreadLoggerAndText() throws IOException {
    try (SheepLog log = open(LogLevel.INFO, LogFormat.SERVER)) {
      LOGGER.info("event=LISTENING address={}", "[::]:7101");
      LOGGER.error("event=X");
      LOGGER.debug("not logged at {}", log.level());
    }
    String thread = "\\[" + Pattern.quote(Thread.currentThread().getName()) + "\\]";
    String time = "[A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d:\\d\\d ";
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0))
        .matches(time + "  INFO " + thread + " net event=LISTENING address=\\[::\\]:7101");
    assertThat(lines().get(1)).matches(time + " ERROR " + thread + " net event=X");
  }

  @Test
  void whatWasLoggedBeforeTheFileWasOpenIsNotLost() throws IOException {
    SheepLog log =
        new SheepLog(new LogOptions(LogLevel.INFO, null, LogFormat.DEFAULT, false), 7101);
    LOGGER.info("early");
    log.open(directory);
    LOGGER.info("late");
    log.close();
    assertThat(lines()).containsExactly("early", "late");
  }

  @Test
  void anExceptionStaysOnItsLine() throws IOException {
    try (SheepLog log = open(LogLevel.INFO, LogFormat.DEFAULT)) {
      LOGGER.error(
          "event=FAILED at {}",
          log.level(),
          new IllegalStateException("two\nlines", new IOException("inner")));
    }
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0))
        .startsWith(
            "event=FAILED at INFO cause=\"java.lang.IllegalStateException: two lines <- io.sheepdog")
        .contains(" caused by java.io.IOException: inner <- ")
        .endsWith("\"");
  }

  @Test
  void jsonFormatIsThatOfTheJsonLogViewer() throws IOException {
    try (SheepLog log = open(LogLevel.INFO, LogFormat.JSON)) {
      LOGGER.info("a \"quoted\" {}", log.level());
    }
    assertThat(lines().get(0))
        .matches(
            "\\{\"user_info\": \\{\"program_name\": \"sheep\", \"port\": 7101\\}, \"body\": \\{\"second\": \\d+,"
                + " \"usecond\": \\d+, \"worker_name\": \".*\", \"worker_idx\": 0, \"func\":"
                + " \"io.sheepdog.daemon.net\", \"line\": 0, \"msg\": \"a \\\\\"quoted\\\\\" INFO\"\\}\\}");
  }

  @Test
  void theLevelCanBeChanged() throws IOException {
    try (SheepLog log = open(LogLevel.ERR, LogFormat.DEFAULT)) {
      LOGGER.info("no");
      log.setLevel(LogLevel.DEBUG);
      LOGGER.debug("yes");
    }
    assertThat(lines()).containsExactly("yes");
  }

  @Test
  void rotationRenamesTheFileAndStartsANewOne() throws IOException {
    try (SheepLog log = open(LogLevel.INFO, LogFormat.DEFAULT)) {
      LOGGER.info("one");
      log.rotate();
      LOGGER.info("two");
      log.rotate();
      LOGGER.info("three");
    }
    assertThat(lines()).containsExactly("three");
    try (Stream<Path> files = Files.list(directory)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertThat(names).hasSize(3);
      assertThat(names.get(1)).matches("sheep\\.log\\.\\d{4}-\\d\\d-\\d\\d-\\d\\d-\\d\\d");
      assertThat(Files.readAllLines(directory.resolve(names.get(1)))).containsExactly("one");
    }
  }

  @Test
  void aFileAtItsSizeLimitIsRotated() throws IOException {
    FileSink sink = new FileSink(directory.resolve("x.log"), 10, Clock.systemUTC());
    sink.write("12345678\n".getBytes(StandardCharsets.UTF_8));
    sink.write("abc\n".getBytes(StandardCharsets.UTF_8));
    sink.close();
    assertThat(Files.readString(directory.resolve("x.log"))).isEqualTo("abc\n");
  }
}
