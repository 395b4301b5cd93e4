package io.sheepdog.integration.fulldisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes, three copies, each store on an ext4 of 96 MiB of its own (root and loop devices are
 * needed), which real clients fill. What is mounted is seen on the test's own host only and goes
 * with it.
 */
@Tag(Qemu52.TAG)
@Timeout(600)
final class FullDiskIT {
  private static final int NODES = 3;
  private static final long MIB = 1 << 20;
  private static final Duration LONG = Duration.ofSeconds(180);
  private static final Duration AT_ONCE = Duration.ofSeconds(20);
  private static final String NO_SPACE = "no space for new objects";

  @TempDir private Path directory;
  private Host host;
  private Shell shell;

  @BeforeEach
  void startCluster() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin())).preferring(Qemu52.bin());
    for (int node = 0; node < NODES; node++) {
      run(
              "truncate -s 96M @/disk%1$d && mkfs.ext4 -q -F -m 0 @/disk%1$d && mkdir @/s%1$d"
                  + " && mount -o loop @/disk%1$d @/s%1$d",
              node)
          .orFail();
      start(node);
    }
    run("collie cluster format --copies=3").orFail();
    run("head -c 8M /dev/urandom > @/old; head -c 8M /dev/urandom > @/new").orFail();
    run("head -c 200M /dev/urandom > @/large").orFail();
    run("collie vdi create Small 8M && collie vdi write Small < @/old").orFail();
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  @Test
  void fullDiskRefusesWhatIsNewServesTheRestAndIsEmptiedByDeleting() {
    fill("Full");
    for (int node = 0; node < NODES; node++) {
      assertThat(free(node)).as("no more than the reserve").isLessThan(6 * MIB);
    }

    refusedAtOnce("collie vdi create More 10M");
    refusedAtOnce("collie vdi snapshot Small");
    overwriteSmall("new");
    assertThat(run("collie vdi list").orFail().stdout()).contains("Small").doesNotContain("More");

    for (int node = 0; node < NODES; node++) {
      assertThat(linesOf(node, "event=SPACE_LOW")).hasSizeLessThan(2);
      assertThat(linesOf(node, "event=SPACE_RESERVED"))
          .hasSize(1)
          .allMatch(line -> line.contains("delete VDIs"));
    }

    killAll();
    for (int node = 0; node < NODES; node++) {
      start(node);
    }
    assertSmallIs("new");
    overwriteSmall("old");
    refusedAtOnce("collie vdi create More 10M");

    deleteAndSeeTheSpaceComeBack("Full");
    run("collie vdi create More 10M && collie vdi write More < @/new").orFail();
    assertThat(run("collie vdi read -p 7002 More | head -c 8M | cmp - @/new").orFail().stdout())
        .isEmpty();
    run("collie vdi snapshot Small").orFail();
    assertSmallIs("old");
  }

  /** Objects have holes, and who writes into them takes the reserve too, to the last block. */
  @Test
  void diskFilledToTheLastBlockSurvivesTheDeathOfANodeAndIsEmptiedByDeleting() {
    run("qemu-img create -f sheepdog sheepdog:Holes 64M").orFail();
    StringBuilder touches = new StringBuilder();
    StringBuilder writes = new StringBuilder();
    for (int object = 0; object < 16; object++) {
      touches.append(" -c 'write -q %dM 4k'".formatted(4 * object));
      writes.append(" -c 'write -q %dM 4M'".formatted(4 * object));
    }
    shell.run(LONG, "qemu-io" + touches + " sheepdog:Holes").orFail();
    fill("Full");
    Outcome last = shell.run(LONG, "qemu-io" + writes + " sheepdog:Holes");
    assertThat(last.stdout() + last.stderr()).contains("failed");
    for (int node = 0; node < NODES; node++) {
      assertThat(free(node)).isLessThan(MIB);
    }

    overwriteSmall("new");
    run("kill -9 $(cat @/s2/lock)").orFail();
    await().atMost(LONG).until(() -> !run("collie node list").orFail().stdout().contains(":7002"));
    assertSmallIs("new");

    run("collie vdi delete Full").orFail();
    await().atMost(LONG).until(() -> free(0) > 40 * MIB && free(1) > 40 * MIB);
    run("collie vdi create More 10M && collie vdi write More < @/old").orFail();
  }

  private void fill(String vdi) {
    run("collie vdi create " + vdi + " 600M").orFail();
    Outcome filling =
        shell
            .run(
                LONG,
                "qemu-img convert -n -f raw -O raw %s/large sheepdog:%s".formatted(directory, vdi))
            .mustFail();
    assertThat(filling.stderr()).contains(NO_SPACE);
    // the large objects of the copy did not fit any more, smaller ones still may
    StringBuilder rest = new StringBuilder();
    for (int object = 50; object < 150; object++) {
      rest.append(" -c 'write -q %dM %dk'".formatted(4 * object, object < 110 ? 64 : 4));
    }
    assertThat(shell.run(LONG, "qemu-io" + rest + " sheepdog:" + vdi).toString())
        .contains("failed");
  }

  private void refusedAtOnce(String command) {
    Outcome refused = run(command).mustFail();
    assertThat(refused.stderr()).contains(NO_SPACE);
    assertThat(refused.took()).isLessThan(AT_ONCE);
  }

  private void overwriteSmall(String file) {
    run("collie vdi write Small < @/" + file).orFail();
    assertSmallIs(file);
  }

  private void assertSmallIs(String file) {
    run("collie vdi read -p 7001 Small | cmp - @/" + file).orFail();
  }

  private void deleteAndSeeTheSpaceComeBack(String vdi) {
    run("collie vdi delete " + vdi).orFail();
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (int node = 0; node < NODES; node++) {
                assertThat(free(node)).isGreaterThan(60 * MIB);
              }
            });
  }

  private void killAll() {
    run("kill -9 $(cat @/s0/lock @/s1/lock @/s2/lock)").orFail();
    run("for i in $(seq 200); do pgrep -f '^sheep ' || exit 0; sleep 0.1; done; exit 1").orFail();
  }

  private void start(int node) {
    shell
        .run(
            LONG,
            "SHEEPDOG_LOCAL_DIR=%1$s/events sheep -c local -p %2$d %1$s/s%3$d"
                .formatted(directory, 7000 + node, node))
        .orFail();
  }

  /** Bytes that users may still write to the file system of that store, by statvfs. */
  private long free(int node) {
    String[] figures = run("stat -f -c '%%a %%S' @/s%d", node).orFail().stdout().strip().split(" ");
    return Long.parseLong(figures[0]) * Long.parseLong(figures[1]);
  }

  private List<String> linesOf(int node, String part) {
    return run("grep '%s' @/s%d/sheep.log", part, node).stdout().lines().toList();
  }

  /** Runs a line in which {@code @} stands for the test's directory. */
  private Outcome run(String line, Object... arguments) {
    String formatted = arguments.length == 0 ? line : line.formatted(arguments);
    return shell.run(LONG, formatted.replace("@/", directory + "/"));
  }
}
