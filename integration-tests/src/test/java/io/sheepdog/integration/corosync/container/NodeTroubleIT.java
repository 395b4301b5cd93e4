package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.fault.Redundancy;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * One host of five gets into trouble while a client writes through another: no acknowledged write
 * is lost, the client goes on when corosync has formed the next ring, and the cluster is whole
 * again by itself.
 */
@Tag(Qemu52.TAG)
@Timeout(180)
@ClusterTest
final class NodeTroubleIT {
  private static final int NODES = 5;
  private static final int UNDER_WAY = 100;
  private static final Duration RING_LIMIT = Duration.ofSeconds(60);
  private static final Duration SLACK = Duration.ofSeconds(2);

  /** A living corosync reports a dead process at once. */
  private static final Duration SHEEP_LIMIT = Duration.ofSeconds(1);

  /** The bound for silence (5 s), a lease (2 s), and time for a loaded machine. */
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(10);

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(NODES);

  @TempDir private Path directory;

  @BeforeAll
  static void format() {
    CLUSTER.format(3);
  }

  @Test
  void aHostThatLosesPower() {
    ClusterNode node = CLUSTER.nodes().get(1);
    aClientSurvives("a host loses power", node, node::kill, node::powerOn);
  }

  /** The one whose state joiners receive, and which carries out what others left undone. */
  @Test
  void theOldestHostLosesPower() {
    ClusterNode oldest = master();
    ClusterNode gateway =
        CLUSTER.nodes().stream().filter(node -> !node.equals(oldest)).findFirst().orElseThrow();
    aClientSurvives("the oldest host loses power", gateway, oldest, oldest::kill, oldest::powerOn);
  }

  private static ClusterNode master() {
    String row =
        CLUSTER.first().nodeList().stream()
            .filter(line -> line.startsWith("* "))
            .findFirst()
            .orElseThrow();
    return CLUSTER.nodes().stream()
        .filter(node -> row.endsWith(" " + node.address() + ":7000"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aHostThatHangs() {
    ClusterNode node = CLUSTER.nodes().get(2);
    aClientSurvives("a host hangs", node, node::pause, node::unpause);
  }

  @Test
  void aHostWhoseCableIsPulled() {
    ClusterNode node = CLUSTER.nodes().get(3);
    aClientSurvives("the cable of a host is pulled", node, node::cut, node::mend);
  }

  @Test
  void aHostWhoseCorosyncDies() {
    ClusterNode node = CLUSTER.nodes().get(4);
    aClientSurvives("the corosync of a host dies", node, node::killCorosync, node::startCorosync);
  }

  /** The others hear that its sheep has died, which is not so. */
  @Test
  void aHostWhoseCorosyncIsStopped() {
    ClusterNode node = CLUSTER.nodes().get(2);
    aClientSurvives(
        "the corosync of a host is stopped", node, node::stopCorosync, node::startCorosync);
  }

  @Test
  void aHostWhoseSheepDies() {
    ClusterNode node = CLUSTER.nodes().get(4);
    Duration stall =
        aClientSurvives("a sheep is killed (SIGKILL)", node, node::killSheep, node::startSheep);
    assertThat(stall).isLessThan(SHEEP_LIMIT);
  }

  /** Corosync lives and notices nothing: the other sheep find out. */
  @Test
  void aHostWhoseSheepHangs() {
    ClusterNode node = CLUSTER.nodes().get(3);
    Duration stall =
        aClientSurvives(
            "a sheep stands still (SIGSTOP)", node, node::stopSheep, node::continueSheep);
    assertThat(stall).isLessThan(SILENCE_LIMIT);
  }

  private Duration aClientSurvives(
      String fault, ClusterNode node, Runnable trouble, Runnable repair) {
    return aClientSurvives(fault, CLUSTER.first(), node, trouble, repair);
  }

  /** Returns how long the client's longest write took while the trouble was noticed. */
  private Duration aClientSurvives(
      String fault, ClusterNode gateway, ClusterNode node, Runnable trouble, Runnable repair) {
    String vdi = fault.replaceAll("[^a-z]+", "-");
    try (PatternWriter writer = PatternWriter.start(CLUSTER.client(), gateway, vdi, directory)) {
      gateway.awaitRecovered();
      writer.awaitMore(UNDER_WAY);
      writer.longest();
      Redundancy redundancy = Redundancy.lostNow(gateway.log());
      trouble.run();
      // nobody asks for tables meanwhile: each time that is a JVM on the cores that recover
      writer.awaitMore(UNDER_WAY);
      Duration stall = writer.longest();
      Duration whole = redundancy.await();
      gateway.awaitRows(NODES - 1);
      writer.awaitMore(UNDER_WAY);
      repair.run();
      gateway.awaitRows(NODES);
      writer.awaitMore(UNDER_WAY);
      writer.finish();
      Duration token = totem(gateway, "token");
      Duration consensus = totem(gateway, "consensus");
      Duration limit = token.plus(consensus).plus(SLACK);
      String bound = "with token %s, consensus %s".formatted(token, consensus);
      assertThat(stall).as("stall in trouble " + bound).isLessThan(limit);
      assertThat(writer.longest()).as("stall during the repair " + bound).isLessThan(limit);
      wholeAgain(node);
      writer.verify(gateway.url(vdi));
      writer.verify(node.url(vdi));
      FaultTable.add("corosync, 5 hosts", fault, stall, writer.writes(), whole);
      return stall;
    }
  }

  /** The node that was in trouble sees what all others see. */
  private static void wholeAgain(ClusterNode node) {
    List<String> others =
        CLUSTER.nodes().stream()
            .filter(each -> !each.equals(node))
            .findFirst()
            .orElseThrow()
            .nodeList();
    Awaitility.await("the same node list on " + node.address())
        .atMost(RING_LIMIT)
        .until(() -> node.nodeList().equals(others));
    CLUSTER.onAll(each -> assertThat(each.nodeList()).isEqualTo(others));
  }

  /** Corosync says nothing of a silent member before token, and needs consensus for a new ring. */
  private static Duration totem(ClusterNode node, String key) {
    String line = node.run("corosync-cmapctl -g runtime.config.totem." + key).orFail().stdout();
    return Duration.ofMillis(Long.parseLong(line.replaceAll("(?s).* = (\\d+)\n", "$1")));
  }
}
