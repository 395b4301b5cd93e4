package io.sheepdog.integration.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.CorosyncCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three nodes, three corosyncs (multicast, nodelist, votequorum), three sheep. */
@Timeout(300)
final class CorosyncDriverIT {
  private static final int NODES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  final CorosyncCluster cluster = new CorosyncCluster(NODES, CorosyncConf.QUORUM);

  @Test
  void nodesKnowEachOtherByTheirAddressesAndShareTheirImages() {
    cluster.sheepEverywhere();

    List<String> lists =
        IntStream.rangeClosed(1, NODES)
            .mapToObj(node -> cluster.run(node, "collie node list").orFail().stdout())
            .toList();
    assertThat(lists.get(0))
        .contains("198.18.0.11:7000")
        .contains("198.18.0.12:7000")
        .contains("198.18.0.13:7000");

    format();
    cluster.run(1, "collie vdi create shared 16M").orFail();
    cluster.run(2, "printf 'written through node 2' | collie vdi write shared 4194000 22").orFail();
    assertThat(cluster.run(3, "collie vdi read shared 4194000 22").orFail().stdout())
        .isEqualTo("written through node 2");
    assertThat(copiesOnNode(1)).isEqualTo(copiesOnNode(2)).isPositive();
  }

  @Test
  void sheepThatStartAtOnceAllJoin() throws InterruptedException {
    Thread[] starts = new Thread[NODES];
    Outcome[] outcomes = new Outcome[NODES];
    for (int i = 0; i < NODES; i++) {
      int node = i + 1;
      starts[i] = new Thread(() -> outcomes[node - 1] = cluster.sheep(node));
      starts[i].start();
    }
    for (Thread start : starts) {
      start.join();
    }
    for (Outcome outcome : outcomes) {
      assertThat(outcome.orFail().stderr()).isEmpty();
    }
    cluster.awaitNodes(1, NODES);
  }

  @Test
  void sheepJoinsAgainByItselfWhenItsCorosyncWasStopped() {
    cluster.sheepEverywhere();
    format();
    cluster.run(1, "collie vdi create kept 16M").orFail();
    cluster.run(1, "printf before | collie vdi write kept 0 6").orFail();

    cluster.net().node(3).stop();
    cluster.awaitLog(3, "event=NODE_FAILED");
    cluster.awaitLog(3, "event=WAITING_FOR_COROSYNC");
    cluster.awaitLog(3, "event=COROSYNC_CONF finding=");
    cluster.awaitNodes(1, 2);
    cluster.run(1, "printf after | collie vdi write kept 6 5").orFail();

    cluster.net().node(3).start();
    cluster.awaitNodes(3, NODES);
    cluster.awaitNodes(1, NODES);
    assertThat(cluster.run(3, "collie vdi read kept 0 11").orFail().stdout())
        .isEqualTo("beforeafter");
    cluster.run(3, "printf again | collie vdi write kept 11 5").orFail();
    assertThat(cluster.run(2, "collie vdi read kept 0 16").orFail().stdout())
        .isEqualTo("beforeafteragain");
  }

  @Test
  void nodeThatIsCutOffServesNothingUntilItIsBack() {
    cluster.sheepEverywhere();
    format();
    cluster.run(1, "collie vdi create cut 16M").orFail();
    cluster.run(3, "printf before | collie vdi write cut 0 6").orFail();

    cluster.net().cut(List.of(cluster.net().node(3)));
    cluster.awaitLog(3, "has lost quorum");
    cluster.awaitNodes(1, 2);
    assertThat(cluster.run(3, "timeout 5 collie vdi read cut 0 6").mustFail().stdout()).isEmpty();
    cluster.run(1, "printf after | collie vdi write cut 6 5").orFail();

    cluster.net().heal();
    cluster.awaitNodes(3, NODES);
    assertThat(cluster.run(3, "collie vdi read cut 0 11").orFail().stdout())
        .isEqualTo("beforeafter");
  }

  @Test
  void withoutQuorumSheepWaitsInTheBackground() {
    cluster.net().node(2).stop();
    cluster.net().node(3).stop();

    assertThat(cluster.sheep(1).orFail().stdout())
        .contains("still joining the cluster: its corosync has no quorum", "only node 1 of 3")
        .endsWith("it joins when enough nodes are together again\n");
    assertThat(cluster.run(1, "collie node list").mustFail().stderr())
        .contains("its corosync has no quorum", "only node 1 of 3");

    cluster.net().node(2).start();
    cluster.awaitNodes(1, 1);
  }

  @Test
  void withoutCorosyncSheepSaysHowToStartIt() {
    cluster.net().node(1).stop();
    Outcome outcome = cluster.sheep(1).mustFail();
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.stderr())
        .contains("corosync is not running")
        .contains("/usr/sbin/corosync")
        .contains("-c local")
        .contains("warning: 'bindnetaddr: 198.18.0.0' has no effect");
    assertThat(cluster.store(1)).doesNotExist();
  }

  @Test
  void whereCorosyncCannotStartSheepTellsWhatIsWrongWithItsConfiguration() {
    CorosyncNode first = cluster.net().node(1);
    first.stop();
    first.configure("totem {\n  version: 2\n  transport: udp # as in 2010\n}\n");
    Outcome outcome = cluster.sheep(1).mustFail();
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.stderr())
        .startsWith("sheep: corosync is not running")
        .contains(
            "/etc/corosync/corosync.conf:3: error: the value of 'transport' has a comment after it",
            "; remedy: ");

    cluster.run(1, "rm /etc/corosync/corosync.conf").orFail();
    assertThat(cluster.sheep(1).mustFail().stderr())
        .contains("/etc/corosync/corosync.conf does not exist; \"collie corosync generate -n ");
  }

  private void format() {
    cluster.run(1, "collie cluster format --copies=" + NODES).orFail();
  }

  private long copiesOnNode(int node) {
    return cluster
        .run(node, "ls " + cluster.store(node).resolve("obj"))
        .orFail()
        .stdout()
        .lines()
        .count();
  }
}
