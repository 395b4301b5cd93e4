package io.sheepdog.integration.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The machines that the other tests run on keep their promises. */
@Timeout(60)
final class HostIT {

  @TempDir private Path directory = Path.of("");

  @Test
  void aHostSeesOnlyItsOwnProcessesAndNetwork() {
    try (Host host = Host.isolated()) {
      Shell shell = new Shell(host, List.of());

      assertThat(shell.run("cat /proc/net/dev").orFail().lines())
          .filteredOn(line -> line.contains(":"))
          .singleElement()
          .asString()
          .contains("lo:");
      assertThat(shell.run("cat /proc/1/comm").orFail().stdout()).isEqualTo("cat\n");
    }
  }

  @Test
  void neighboursReachEachOtherOverTheirCable() {
    try (Host host = Host.isolated();
        Host other = host.neighbour("198.51.100.1/24", "198.51.100.2/24")) {
      Shell shell = new Shell(host, List.of());

      shell.run("ip route get 198.51.100.2 | grep -q 'dev lan0 src 198.51.100.1'").orFail();
      shell
          .on(other)
          .run("ip route get 198.51.100.1 | grep -q 'dev lan0 src 198.51.100.2'")
          .orFail();
    }
  }

  @Test
  void whatWasStartedOnAHostEndsWithIt() {
    Process process;
    try (Host host = Host.isolated()) {
      process = new Shell(host, List.of()).start(directory.resolve("out"), List.of("sleep", "600"));
      await().until(() -> process.descendants().findAny().isPresent());
    }

    await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
  }

  @Test
  void aCommandThatPassesItsLimitIsKilledWithItsChildren() {
    Path pid = directory.resolve("pid");
    Cmd endless =
        new Cmd(
            List.of("sh", "-c", "echo said; sleep 600 & echo $! >" + pid + "; wait"),
            Map.of(),
            Duration.ofSeconds(1));

    assertThatThrownBy(endless::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("still running after PT1S")
        .hasMessageContaining("said");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
  }
}
