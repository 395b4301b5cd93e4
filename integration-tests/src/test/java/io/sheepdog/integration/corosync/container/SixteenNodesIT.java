package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sixteen hosts whose sheep start in the same second. */
@Timeout(300)
@ClusterTest
final class SixteenNodesIT {
  private static final int NODES = 16;

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.withoutSheep(NODES);

  @Test
  void allJoin() {
    CLUSTER.onAll(ClusterNode::startSheep);

    List<String> table = CLUSTER.first().nodeList();
    assertThat(table).hasSize(NODES);
    CLUSTER.onAll(node -> assertThat(node.nodeList()).isEqualTo(table));
    CLUSTER.format(3);
  }
}
