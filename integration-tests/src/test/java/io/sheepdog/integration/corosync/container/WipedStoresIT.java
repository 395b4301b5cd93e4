package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.qemu.Qemu52;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The autostart of the guide empties the store. When hosts lose power together, that wipes what no
 * other host has: then the cluster says what is missing, and serves no holes.
 */
@Tag(Qemu52.TAG)
@Timeout(240)
@ClusterTest
final class WipedStoresIT {
  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(5);

  @BeforeEach
  void writeAlice() {
    CLUSTER.format(3);
    String alice = CLUSTER.first().url("Alice");
    qemu("qemu-img create -f sheepdog " + alice + " 128M").orFail();
    qemu("qemu-io -c 'write -P 5 0 8M' " + alice).orFail();
  }

  @Test
  void withoutAnyStoreTheClusterWaitsForAFormat() {
    CLUSTER.onAll(ClusterNode::kill);
    CLUSTER.startInTurn(CLUSTER.nodes(), ClusterNode::powerOnEmptied);

    CLUSTER.onAll(node -> assertThat(clusterInfo(node)).contains("Waiting for a format operation"));
    nobodyReadsAlice();
  }

  @Test
  void withOneStoreLeftTheClusterNamesTheOthersThatItNeeds() {
    ClusterNode survivor = CLUSTER.nodes().get(2);
    List<ClusterNode> wiped =
        CLUSTER.nodes().stream().filter(node -> !node.equals(survivor)).toList();
    CLUSTER.onAll(ClusterNode::kill);
    CLUSTER.startInTurn(
        CLUSTER.nodes(),
        node -> {
          if (node.equals(survivor)) {
            node.powerOn();
          } else {
            node.powerOnEmptied();
          }
        });

    CLUSTER.onAll(
        node ->
            assertThat(clusterInfo(node))
                .contains("Waiting for other nodes joining")
                .contains(wiped.stream().map(ClusterNode::address).toList()));
    nobodyReadsAlice();
  }

  private static String clusterInfo(ClusterNode node) {
    Outcome info = node.run("collie cluster info");
    return info.stdout() + info.stderr();
  }

  private static void nobodyReadsAlice() {
    for (ClusterNode node : CLUSTER.nodes()) {
      Outcome read = qemu("timeout 5 qemu-io -c 'read 0 8M' " + node.url("Alice")).mustFail();
      assertThat(read.stdout()).doesNotContain("read ");
    }
  }

  private static Outcome qemu(String line) {
    return CLUSTER.client().run(line);
  }
}
