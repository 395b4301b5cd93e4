package io.sheepdog.integration.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the guide of May 2010 says of the store: its mount option, debug messages, and the autostart
 * that empties it.
 */
@Timeout(180)
final class GuideStoreIT {
  private static final int NODES = 3;
  private static final int BYTES = 9_000_000;

  @TempDir private Path directory;
  private Host host;
  private Shell shell;

  @BeforeEach
  void openHost() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin()));
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  /** Runs a line in which {@code @} stands for the test's directory. */
  private Outcome run(String line) {
    return shell.run(
        ("export SHEEPDOG_LOCAL_DIR=@/local; " + line).replace("@", directory.toString()));
  }

  @Test
  void ext3NeedsTheMountOptionOfTheGuideNoMoreAndTakesIt() {
    run("truncate -s 64M @/disk && mke2fs -q -t ext3 @/disk && mkdir @/store_device").orFail();
    run("mount -t ext3 -o loop @/disk @/store_device").orFail();

    assertThat(run("sheep -c local @/store_device").orFail().stdout())
        .contains("waiting for cluster format");
    run("mount -o remount,user_xattr @/store_device").orFail();
  }

  @Test
  void debugMessagesAreInTheLogWithTheOptionDOnly() {
    run("sheep -c local @/quiet").orFail();
    run("sheep -c local --port 7001 @/talks -d").orFail();

    assertThat(run("grep DEBUG @/talks/sheep.log").orFail().lines()).isNotEmpty();
    assertThat(run("grep DEBUG @/quiet/sheep.log").stdout()).isEmpty();
  }

  @Test
  void aNodeThatEmptiesItsStoreComesBackAsANewOneAndServesEverything() {
    startAll();
    storeAlice();
    run("kill -9 $(cat @/2.pid)").orFail();

    empty(2);
    start(2).orFail();

    run("collie vdi read Alice 0 %d -p 7002 | cmp - @/data".formatted(BYTES)).orFail();
    assertThat(run("collie cluster info -p 7002").orFail().stdout())
        .startsWith("running\n")
        .contains("      3 [127.0.0.1:7000, 127.0.0.1:7001, 127.0.0.1:7002]");
  }

  @Test
  void aStoreThatWasEmptiedWhileAllNodesWereOffIsWaitedForByName() {
    startAll();
    storeAlice();
    stopAll();

    empty(1);
    start(0).orFail();
    start(1).orFail();
    Outcome last = start(2).orFail();

    assertThat(last.stdout()).isEqualTo("sheep: waiting for 1 member of epoch 1: 127.0.0.1:7001\n");
    for (int node = 0; node < NODES; node++) {
      Outcome info = run("collie cluster info -p 700" + node).orFail();
      assertThat(info.stdout()).startsWith("Waiting for other nodes joining\n");
      assertThat(info.stderr()).contains("event=WAITING in sheep.log");
      assertThat(run("grep event=WAITING @/store_dir%d/sheep.log".formatted(node)).lines())
          .last()
          .asString()
          .contains("waiting for 1 member of epoch 1: 127.0.0.1:7001");
      assertThat(run("collie vdi read Alice 0 10 -p 700" + node).mustFail().stdout()).isEmpty();
    }
  }

  @Test
  void nodesThatAllEmptiedTheirStoresAreAnUnformattedClusterAndServeNoHoles() {
    startAll();
    storeAlice();
    stopAll();

    for (int node = 0; node < NODES; node++) {
      empty(node);
    }
    startAll();

    assertThat(run("collie cluster info").orFail().stdout())
        .startsWith("Waiting for a format operation\n");
    Outcome read = run("collie vdi read Alice 0 10").mustFail();
    assertThat(read.stdout()).isEmpty();
    assertThat(read.stderr()).contains("Waiting for a format operation");
  }

  private Outcome start(int node) {
    return run("sheep -c local --nbd off -p 700%1$d -P @/%1$d.pid @/store_dir%1$d".formatted(node));
  }

  private void startAll() {
    for (int node = 0; node < NODES; node++) {
      start(node).orFail();
    }
  }

  private void storeAlice() {
    run("collie cluster format --copies=3 && collie vdi create Alice 40G").orFail();
    run("head -c %d /dev/urandom >@/data && collie vdi write Alice <@/data".formatted(BYTES))
        .orFail();
  }

  private void stopAll() {
    run("collie cluster shutdown").orFail();
    for (int node = 0; node < NODES; node++) {
      run("for i in $(seq 300); do [ -e @/%d.pid ] || exit 0; sleep 0.1; done; exit 1"
              .formatted(node))
          .orFail();
    }
  }

  /** The second line of the guide's autostart. */
  private void empty(int node) {
    run("/bin/rm -rf @/store_dir%d/*".formatted(node)).orFail();
  }
}
