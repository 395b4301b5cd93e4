package io.sheepdog.daemon.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.daemon.logging.SheepLog;
import io.sheepdog.daemon.options.LogFormat;
import io.sheepdog.daemon.options.LogLevel;
import io.sheepdog.daemon.options.LogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ComplaintsTest {
  @TempDir private Path directory;
  private long now;

  @Test
  void aFloodOfRubbishWritesFewLinesAndSaysHowManyAreMissing() throws IOException {
    LogOptions options = new LogOptions(LogLevel.INFO, null, LogFormat.DEFAULT, false);
    try (SheepLog log = new SheepLog(options, 7101)) {
      log.open(directory);
      Complaints complaints = new Complaints(NetEvent.BAD_FRAME, () -> now);
      for (int i = 0; i < 100_000; i++) {
        complaints.log("client={} number={}", "192.0.2.1", i);
      }
      now += Duration.ofSeconds(1).toNanos();
      complaints.log("client={} number={}", "192.0.2.1", "last");
    }

    List<String> lines = Files.readAllLines(directory.resolve(SheepLog.FILE_NAME));
    assertThat(lines).hasSize(Complaints.BURST + 1);
    assertThat(lines.get(lines.size() - 1)).contains("number=last left_out_before=99950");
  }
}
