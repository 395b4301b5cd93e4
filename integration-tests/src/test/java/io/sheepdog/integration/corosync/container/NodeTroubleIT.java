package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

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
final class NodeTroubleIT {
  private static final int NODES = 5;
  private static final int UNDER_WAY = 100;
  private static final Duration RING_LIMIT = Duration.ofSeconds(60);
  private static final Duration SLACK = Duration.ofSeconds(2);

  /** A living corosync reports a dead process at once. */
  private static final Duration SHEEP_LIMIT = Duration.ofSeconds(1);

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(NODES);

  @TempDir private Path directory;

  @BeforeAll
  static void format() {
    CLUSTER.nodes().get(0).run("collie cluster format --copies=3").orFail();
  }

  @Test
  void aHostThatLosesPower() {
    ClusterNode node = CLUSTER.nodes().get(1);
    aClientSurvives("power", node, node::kill, node::powerOn);
  }

  @Test
  void aHostThatHangs() {
    ClusterNode node = CLUSTER.nodes().get(2);
    aClientSurvives("hang", node, node::pause, node::unpause);
  }

  @Test
  void aHostWhoseCableIsPulled() {
    ClusterNode node = CLUSTER.nodes().get(3);
    aClientSurvives("cable", node, node::cut, node::mend);
  }

  @Test
  void aHostWhoseCorosyncDies() {
    ClusterNode node = CLUSTER.nodes().get(4);
    aClientSurvives("corosync", node, node::killCorosync, node::startCorosync);
  }

  @Test
  void aHostWhoseSheepDies() {
    ClusterNode node = CLUSTER.nodes().get(4);
    Duration stall = aClientSurvives("sheep", node, node::killSheep, node::startSheep);
    assertThat(stall).isLessThan(SHEEP_LIMIT);
  }

  /** Returns how long the client's longest write took while the trouble was noticed. */
  private Duration aClientSurvives(
      String vdi, ClusterNode node, Runnable trouble, Runnable repair) {
    ClusterNode gateway = CLUSTER.nodes().get(0);
    CLUSTER
        .client()
        .run("qemu-img create -f sheepdog %s 128M".formatted(url(gateway, vdi)))
        .orFail();
    try (PatternWriter writer =
        PatternWriter.start(CLUSTER.client(), url(gateway, vdi), directory.resolve(vdi + ".err"))) {
      awaitWrites(writer, UNDER_WAY);
      writer.longest();
      trouble.run();
      // nobody asks for tables meanwhile: each time that is a JVM on the cores that recover
      awaitWrites(writer, writer.writes() + UNDER_WAY);
      Duration stall = writer.longest();
      awaitRows(gateway, NODES - 1);
      awaitWrites(writer, writer.writes() + UNDER_WAY);
      repair.run();
      awaitRows(gateway, NODES);
      awaitWrites(writer, writer.writes() + UNDER_WAY);
      writer.finish();
      Duration limit = ringTime(gateway).plus(SLACK);
      assertThat(stall).as("stall of the client in trouble").isLessThan(limit);
      assertThat(writer.longest()).as("stall during the repair").isLessThan(limit);
      wholeAgain(node);
      verify(gateway, vdi, writer);
      verify(node, vdi, writer);
      return stall;
    }
  }

  private static void awaitWrites(PatternWriter writer, int writes) {
    Awaitility.await(writes + " acknowledged writes")
        .atMost(RING_LIMIT)
        .until(() -> writer.writes() >= writes);
  }

  private static void awaitRows(ClusterNode node, int rows) {
    Awaitility.await(rows + " rows of node list on " + node.address())
        .atMost(RING_LIMIT)
        .until(() -> nodeList(node).size() == rows);
  }

  /** The node that was in trouble sees what all others see. */
  private static void wholeAgain(ClusterNode node) {
    List<String> others = nodeList(CLUSTER.nodes().get(0));
    Awaitility.await("the same node list on " + node.address())
        .atMost(RING_LIMIT)
        .until(() -> nodeList(node).equals(others));
    CLUSTER.onAll(each -> assertThat(nodeList(each)).isEqualTo(others));
  }

  private static List<String> nodeList(ClusterNode node) {
    List<String> table = node.run("collie node list").lines();
    return table.subList(Math.min(2, table.size()), table.size());
  }

  /** What corosync takes to form a ring without a member that says nothing any more. */
  private static Duration ringTime(ClusterNode node) {
    return totem(node, "token").plus(totem(node, "consensus"));
  }

  private static Duration totem(ClusterNode node, String key) {
    String line = node.run("corosync-cmapctl -g runtime.config.totem." + key).orFail().stdout();
    return Duration.ofMillis(Long.parseLong(line.replaceAll("(?s).* = (\\d+)\n", "$1")));
  }

  private static void verify(ClusterNode node, String vdi, PatternWriter writer) {
    assertThat(
            CLUSTER
                .client()
                .run("qemu-io " + writer.checks() + " " + url(node, vdi))
                .orFail()
                .toString())
        .doesNotContain("failed")
        .doesNotContain("error");
  }

  private static String url(ClusterNode node, String vdi) {
    return "sheepdog://" + node.address() + ":7000/" + vdi;
  }
}
