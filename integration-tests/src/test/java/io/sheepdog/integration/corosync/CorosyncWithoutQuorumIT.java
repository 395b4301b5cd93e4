package io.sheepdog.integration.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.CorosyncCluster;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three nodes whose corosync.conf names no quorum provider, as in the guide of 2010. */
@Timeout(300)
final class CorosyncWithoutQuorumIT {
  private static final int NODES = 3;

  @RegisterExtension
  final CorosyncCluster cluster = new CorosyncCluster(NODES, CorosyncConf.NO_QUORUM);

  @Test
  void smallerSideServesNothingAndComesBackByItself() {
    cluster.sheepEverywhere();
    cluster.run(1, "collie cluster format --copies=3").orFail();
    cluster.run(1, "collie vdi create cut 16M").orFail();
    cluster.run(3, "printf before | collie vdi write cut 0 6").orFail();

    cluster.net().cut(List.of(cluster.net().node(3)));
    cluster.awaitLog(3, "event=NODE_FAILED cause=QUORUM");
    cluster.awaitNodes(1, 2);
    assertThat(cluster.run(3, "timeout 5 collie vdi read cut 0 6").mustFail().stdout()).isEmpty();
    cluster.awaitNodes(3, 1);
    for (String command : List.of("node list", "cluster info")) {
      assertThat(cluster.run(3, "collie " + command).orFail().stderr())
          .startsWith("This node serves nothing: it is waiting for 2 members of epoch ")
          .contains("too many nodes are out of reach");
    }
    cluster.run(1, "printf after | collie vdi write cut 6 5").orFail();

    cluster.net().heal();
    cluster.awaitNodes(3, NODES);
    cluster.awaitNodes(1, NODES);
    assertThat(cluster.run(3, "collie vdi read cut 0 11").orFail().stdout())
        .isEqualTo("beforeafter");
  }

  /** Each sheep may find a ring of its own corosync alone; then the rings merge. */
  @Test
  void sheepThatStartTogetherWithTheirCorosyncsAllFindEachOther() throws InterruptedException {
    cluster.net().nodes().forEach(CorosyncNode::stop);
    Thread[] boots = new Thread[NODES];
    for (CorosyncNode node : cluster.net().nodes()) {
      boots[node.number() - 1] =
          new Thread(
              () -> {
                node.start();
                node.awaitAnswer();
                cluster.sheep(node.number()).orFail();
              });
      boots[node.number() - 1].start();
    }
    for (Thread boot : boots) {
      boot.join();
    }
    for (int node = 1; node <= NODES; node++) {
      cluster.awaitNodes(node, NODES);
    }
  }
}
