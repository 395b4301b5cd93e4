package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** All hosts stop, in order or not, and come back in any order: nothing is lost. */
@Tag(Qemu52.TAG)
@Timeout(240)
@ClusterTest
final class RestartIT {
  private static final int UNDER_WAY = 100;

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(5);

  @TempDir private Path directory;

  @BeforeEach
  void format() {
    CLUSTER.format(3);
  }

  @Test
  void afterAShutdownTheNodesComeBackInAnyOrder() {
    try (PatternWriter writer =
        PatternWriter.start(CLUSTER.client(), CLUSTER.first(), "Alice", directory)) {
      writer.awaitMore(UNDER_WAY);
      writer.finish();

      CLUSTER.first().run("collie cluster shutdown").orFail();
      CLUSTER.onAll(ClusterNode::awaitNoSheep);
      List<ClusterNode> order = order(3, 0, 4, 1, 2);
      for (int present = 1; present < order.size(); present++) {
        int absent = order.size() - present;
        assertThat(order.get(present - 1).startSheep().stdout())
            .contains("waiting for " + absent + (absent == 1 ? " member" : " members"))
            .contains(order.get(order.size() - 1).address());
      }
      assertThat(order.get(order.size() - 1).startSheep().stdout()).doesNotContain("waiting");

      CLUSTER.nodes().forEach(node -> writer.verify(node.url("Alice")));
    }
  }

  @Test
  void afterAPowerCutOfAllHostsTheClientGoesOn() {
    try (PatternWriter writer =
        PatternWriter.start(CLUSTER.client(), CLUSTER.first(), "Alice", directory)) {
      writer.awaitMore(UNDER_WAY);

      CLUSTER.onAll(ClusterNode::kill);
      writer.longest();
      long start = System.nanoTime();
      CLUSTER.startInTurn(order(2, 4, 0, 3, 1), ClusterNode::powerOn);
      Duration starting = Duration.ofNanos(System.nanoTime() - start);

      writer.awaitMore(UNDER_WAY);
      Duration stall = writer.longest();
      writer.finish();
      CLUSTER.nodes().forEach(node -> writer.verify(node.url("Alice")));
      FaultTable.add(
          "corosync, 5 hosts",
          "all hosts lose power and are started in turn, within %d s"
              .formatted(starting.toSeconds()),
          stall,
          writer.writes(),
          null);
    }
  }

  private static List<ClusterNode> order(int... nodes) {
    return Arrays.stream(nodes).mapToObj(CLUSTER.nodes()::get).toList();
  }
}
