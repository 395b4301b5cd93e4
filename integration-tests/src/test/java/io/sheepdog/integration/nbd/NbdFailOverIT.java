package io.sheepdog.integration.nbd;

import static io.sheepdog.integration.nbd.NbdUser.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Cmd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Daemons end while QEMU 7.2 writes: no request of it fails, and all it wrote is there. */
@Timeout(300)
final class NbdFailOverIT {
  private static final int WRITES = 2000;
  private static final int LENGTH = 32 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(180);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void aRestartOfTheOwnDaemonIsAPause(String signal) {
    String vdi = "Own" + signal;
    try (Writer writer = new Writer(vdi)) {
      writer.awaitProgress(WRITES / 4);
      end(0, signal);
      int meanwhile = writer.written();
      CLUSTER.start(0);
      assertThat(meanwhile).as("writes before the daemon ended").isLessThan(WRITES);
      writer.awaitEnd();
    }
    assertAllIsThere(vdi, 7001);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void anotherNodeThatEndsIsNotNoticed(String signal) {
    String vdi = "Other" + signal;
    try (Writer writer = new Writer(vdi)) {
      writer.awaitProgress(WRITES / 4);
      end(2, signal);
      assertThat(writer.written()).as("writes before the node ended").isLessThan(WRITES);
      writer.awaitEnd();
    }
    assertAllIsThere(vdi, 7001);
    CLUSTER.start(2);
    assertAllIsThere(vdi, 7002);
  }

  @Test
  void anotherNodeThatStandsStillIsAPauseUntilItIsGivenUp() {
    try (Writer writer = new Writer("Still")) {
      writer.awaitProgress(WRITES / 4);
      CLUSTER.standStill(2);
      writer.awaitEnd();
    }
    awaitMembers(2);
    CLUSTER.goOn(2);
    awaitMembers(3);
    assertAllIsThere("Still", 7002);
  }

  /** What it would say when it goes on is of the past; it says nothing and begins anew. */
  @Test
  void clientsOfADaemonThatWasGivenUpAreCutAndGoOn() {
    try (Writer writer = new Writer("Given")) {
      writer.awaitProgress(WRITES / 4);
      CLUSTER.standStill(0);
      // somebody has to miss it
      user.run("collie vdi create Meanwhile 4M -p 7001");
      user.run("head -c 4M /dev/zero | timeout 60 collie vdi write Meanwhile -p 7001");
      awaitMembers(2);
      assertThat(writer.written()).as("writes before it stood still").isLessThan(WRITES);
      CLUSTER.goOn(0);
      writer.awaitEnd();
    }
    awaitMembers(3);
    assertThat(CLUSTER.logOf(0)).contains("cause=EVICTED");
    assertAllIsThere("Given", 7001);
  }

  private void awaitMembers(int count) {
    await(count + " members")
        .atMost(Duration.ofSeconds(90))
        .until(() -> user.run("dog node list -r -p 7001").lines().size() == count);
  }

  @Test
  void whatTheOwnNodeHasLostIsReadFromAnother() {
    user.run("collie vdi create Lost 16M");
    user.run("qemu-io -f raw -c 'write -P 7 0 16M' " + url("Lost"));
    user.awaitNotRunning("Lost");
    String vid = user.vidOf("Lost");
    user.run("rm " + CLUSTER.store(0) + "/obj/00" + vid + "0000000[1-3]");
    assertThat(user.run("qemu-io -r -f raw -c 'read -P 7 0 16M' " + url("Lost")).stdout())
        .doesNotContain("failed");
  }

  private void end(int node, String signal) {
    Path pidFile = CLUSTER.directory().resolve("n" + node + ".pid");
    user.run(
        "p=$(cat %s); kill -%s $p; while [ -d /proc/$p ]; do sleep 0.05; done"
            .formatted(pidFile, signal));
  }

  /** Compares the VDI with what the writer was to write, through the node of that port. */
  private void assertAllIsThere(String vdi, int port) {
    user.awaitNotRunning(vdi);
    user.run(
        "collie vdi read %s -p %d | python3 -c '%s'"
            .formatted(
                vdi,
                port,
                "import sys\n"
                    + "for i in range("
                    + WRITES
                    + "):\n"
                    + "  got = sys.stdin.buffer.read("
                    + LENGTH
                    + ")\n"
                    + "  assert got == bytes([i % 250 + 1]) * "
                    + LENGTH
                    + ", i"));
  }

  /** A {@code qemu-io} that writes block after block, and stops at nothing. */
  private final class Writer implements AutoCloseable {
    private final Path output;
    private final Process process;

    Writer(String vdi) {
      user.run("collie vdi create " + vdi + " 64M");
      output = CLUSTER.directory().resolve(vdi + ".out");
      String requests =
          "for i in $(seq 0 %d); do echo \"write -P $((i %% 250 + 1)) $((i * %d)) %d\"; done; echo flush"
              .formatted(WRITES - 1, LENGTH, LENGTH);
      String image =
          "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=10809,export="
              + vdi
              + ",reconnect-delay=120";
      process =
          CLUSTER
              .shell()
              .start(
                  output,
                  List.of(
                      "sh", "-c", "(" + requests + ") | stdbuf -oL qemu-io --image-opts " + image));
    }

    int written() {
      return (int) said().lines().filter(line -> line.contains("wrote ")).count();
    }

    private String said() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void awaitProgress(int writes) {
      await("QEMU writes").atMost(LIMIT).until(() -> written() >= writes || !process.isAlive());
      assertThat(process.isAlive()).as("QEMU still writes; it said %s", said()).isTrue();
    }

    void awaitEnd() {
      await("QEMU has written all").atMost(LIMIT).until(() -> !process.isAlive());
      assertThat(said()).doesNotContain("failed", "rror");
      assertThat(written()).isEqualTo(WRITES);
    }

    @Override
    public void close() {
      Cmd.killTree(process);
    }
  }
}
