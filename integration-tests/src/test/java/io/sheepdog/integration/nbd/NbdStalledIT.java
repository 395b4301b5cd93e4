package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** NBD clients that stand still wherever they can, and too many of them: the others go on (P7). */
@Timeout(180)
final class NbdStalledIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);

  private static final int LARGE = 32 << 20;
  private static final int HEADER_PART = 11;
  private static final int CONNECTIONS = 1024;

  private final Shell shell = CLUSTER.shell();
  private final NbdUser user = new NbdUser(shell);
  private final Path store = CLUSTER.store(0);

  /** To the daemon these are connections of one host, and each of them another program's. */
  private List<RawNbd> open(String... exports) throws IOException {
    List<RawNbd> connections = new ArrayList<>();
    for (String export : exports) {
      connections.add(RawNbd.open(store, export));
    }
    return connections;
  }

  private static void drip(List<RawNbd> clients) {
    for (RawNbd client : clients) {
      try {
        client.send(new byte[1]);
      } catch (IOException theDaemonHasCutIt) {
        // that is what they are there for
      }
    }
  }

  private static void closeAll(List<RawNbd> connections) throws IOException {
    for (RawNbd connection : connections) {
      connection.close();
    }
  }

  @Test
  void clientsThatStandStillAnywhereDoNotStopTheOthers() throws IOException {
    user.run("for i in 1 2 3 4 5 6; do collie vdi create Bad$i 256M; done");
    user.run("collie vdi create Bad 256M && collie vdi create Good 256M");
    byte[] option = RawNbd.goOption("Bad");
    byte[] read = RawNbd.header(0, RawNbd.READ, 0, 512);
    List<RawNbd> unsent = open("Bad1", "Bad2", "Bad3", "Bad4", "Bad5", "Bad6");
    String reader = "Bad1?readonly";
    List<RawNbd> unread = open(reader, reader, reader, reader, reader, reader);
    try (RawNbd inOption = RawNbd.connect(store);
        RawNbd inHeader = RawNbd.open(store, "Bad")) {
      inOption.send(Arrays.copyOf(option, HEADER_PART));
      inHeader.send(Arrays.copyOf(read, HEADER_PART));
      for (RawNbd client : unread) {
        client.send(RawNbd.header(0, RawNbd.READ, 0, LARGE));
        client.send(RawNbd.header(0, RawNbd.READ, 0, LARGE));
      }
      for (RawNbd client : unsent) {
        client.send(RawNbd.header(0, RawNbd.WRITE, 0, LARGE));
        client.send(new byte[HEADER_PART]);
      }
      try (RawNbd good = RawNbd.open(store, "Good")) {
        for (int length : new int[] {512, 4 << 10, 1 << 20, 8 << 20, LARGE}) {
          isServed(good, length);
        }
      }
      user.run("collie vdi create Native 64M");
      user.run("head -c 32M /dev/urandom | collie vdi write Native");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> CLUSTER.logOf(0).contains("NBD_CLIENT_STALLED"));

      inOption.send(Arrays.copyOfRange(option, HEADER_PART, option.length));
      inHeader.send(Arrays.copyOfRange(read, HEADER_PART, read.length));
      assertThat(inHeader.reply()).isZero();
      assertThat(inHeader.data(512)).containsOnly(0);
      assertThat(inOption.answerToGo()).contains("is locked");
    } finally {
      closeAll(unsent);
      closeAll(unread);
    }
    user.awaitNotRunning("Bad");
  }

  /** Four requests of 32 MiB are all that clients of a node may have under way. */
  @Test
  void clientsThatSendAByteNowAndThenKeepNobodyOut() throws IOException {
    user.run("for i in 1 2 3 4 5; do collie vdi create Drip$i 64M; done");
    List<RawNbd> dripping = open("Drip1", "Drip2", "Drip3", "Drip4");
    ScheduledExecutorService drops = Executors.newSingleThreadScheduledExecutor();
    try (RawNbd good = RawNbd.open(store, "Drip5")) {
      for (RawNbd client : dripping) {
        client.send(RawNbd.header(0, RawNbd.WRITE, 0, LARGE));
      }
      drops.scheduleAtFixedRate(() -> drip(dripping), 0, 200, TimeUnit.MILLISECONDS);
      isServed(good, LARGE);
    } finally {
      drops.shutdownNow();
      closeAll(dripping);
    }
  }

  private static void isServed(RawNbd client, int length) throws IOException {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    assertThat(client.call(0, RawNbd.WRITE, 0, length, data)).isZero();
    client.send(RawNbd.header(0, RawNbd.READ, 0, length));
    assertThat(client.reply()).isZero();
    assertThat(client.data(length)).isEqualTo(data);
  }

  @Test
  void connectionsAboveTheLimitHearWhyAndTheOthersGoOn() throws IOException {
    user.run("collie vdi create Many 64M");
    List<RawNbd> idle = new ArrayList<>();
    try (RawNbd first = RawNbd.open(store, "Many")) {
      while (idle.size() < CONNECTIONS - 1) {
        idle.add(RawNbd.connect(store));
      }
      String reason = "this node has " + CONNECTIONS + " NBD connections, and takes no more";
      try (RawNbd surplus = RawNbd.connect(store)) {
        assertThat(surplus.go("Many")).startsWith(reason);
      }
      assertThat(
              shell.run("qemu-img info -f raw " + NbdUser.unix(store, "Many")).mustFail().stderr())
          .contains(reason);
      isServed(first, 1 << 20);
      idle.remove(0).close();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                try (RawNbd next = RawNbd.connect(store)) {
                  assertThat(next.go("Many?readonly")).isNull();
                }
              });
      isServed(first, 1 << 20);
    } finally {
      closeAll(idle);
    }
  }
}
