package io.sheepdog.integration.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.CorosyncCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients and users of a node see that is cut off from the others, with votequorum. */
@Timeout(300)
final class LostQuorumIT {
  private static final int NODES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A node that waits has nothing to finish. */
  private static final Duration STOP = Duration.ofSeconds(4);

  /** The answer takes milliseconds; this is for the start of the tool on a busy machine. */
  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  @RegisterExtension
  final CorosyncCluster cluster = new CorosyncCluster(NODES, CorosyncConf.QUORUM);

  @BeforeEach
  void startCluster() {
    cluster.sheepEverywhere();
    cluster.run(1, "collie cluster format --copies=" + NODES).orFail();
    cluster.run(1, "collie vdi create cut 16M").orFail();
    cluster.run(3, "printf before | collie vdi write cut 0 6").orFail();
  }

  private void cutNode3() {
    cluster.net().cut(List.of(cluster.net().node(3)));
    cluster.awaitLog(3, "event=COROSYNC_NO_QUORUM_YET");
  }

  private void heal() {
    cluster.net().heal();
    cluster.awaitNodes(3, NODES);
    cluster.awaitNodes(1, NODES);
  }

  @Test
  void toolsSayAtOnceWhatIsWrong() {
    cutNode3();

    for (String command : List.of("node list", "node info", "vdi list", "vm list")) {
      Outcome outcome = cluster.run(3, "collie " + command).mustFail();
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.stdout()).isEmpty();
      assertThat(outcome.stderr())
          .contains("This node is not a member of the cluster: its corosync has no quorum (ring ")
          .endsWith(
              "only node 3 of 3). It serves nothing until enough nodes are together again.\n");
      assertThat(outcome.took()).isLessThan(AT_ONCE);
    }
    assertThat(cluster.run(3, "dog node list").mustFail().exitCode()).isEqualTo(2);
    for (String tool : List.of("collie", "dog")) {
      Outcome info = cluster.run(3, tool + " cluster info").orFail();
      assertThat(info.stdout())
          .startsWith("Cluster status: This node is not a member of the cluster")
          .contains("only node 3 of 3");
      assertThat(info.took()).isLessThan(AT_ONCE);
    }
    heal();
    assertThat(cluster.run(3, "collie cluster info").orFail().stdout()).startsWith("running\n");
  }

  @Test
  void aWriteThatWaitedGoesOnAndALockOfAClientThatLeftIsNotTaken() {
    cutNode3();

    CompletableFuture<Outcome> patient =
        CompletableFuture.supplyAsync(
            () -> cluster.run(3, "printf later | collie vdi write cut 6 5"));
    // Such a lock has no client behind it: once taken it would stay.
    Outcome impatient = cluster.run(3, "timeout 10 collie vdi lock cut").mustFail();
    assertThat(impatient.exitCode()).as("it waited: %s", impatient).isEqualTo(124);
    assertThat(patient).isNotDone();

    heal();
    assertThat(patient.join().orFail().stderr()).isEmpty();
    assertThat(cluster.run(1, "collie vdi lock list").orFail().stdout()).doesNotContain("cut");
    assertThat(cluster.run(1, "collie vdi read cut 0 11").orFail().stdout())
        .isEqualTo("beforelater");
  }

  @Test
  void aNodeThatWaitsForQuorumCanBeStoppedWhileClientsWait() {
    cutNode3();
    CompletableFuture<Outcome> waiting =
        CompletableFuture.supplyAsync(() -> cluster.run(3, "collie vdi read cut 0 6"));
    cluster.run(3, "collie node list").mustFail();
    ProcessHandle sheep =
        ProcessHandle.allProcesses()
            .filter(process -> runsOn(process, cluster.store(3).toString()))
            .findAny()
            .orElseThrow();

    assertThat(sheep.destroy()).isTrue();

    assertThat(waiting).succeedsWithin(STOP);
    assertThat(waiting.join().mustFail().stdout()).isEmpty();
    Awaitility.await()
        .atMost(STOP)
        .until(() -> cluster.log(3).stripTrailing().endsWith("event=SHUTDOWN shutdown"));
    assertThat(cluster.log(3)).doesNotContain("STOPPED_WITH_REQUESTS");
  }

  private static boolean runsOn(ProcessHandle process, String store) {
    return process.info().arguments().filter(words -> List.of(words).contains(store)).isPresent();
  }

  @Test
  void aNodeWhoseCorosyncWasStoppedSaysThat() {
    CorosyncNode third = cluster.net().node(3);
    third.stop();
    cluster.awaitLog(3, "event=WAITING_FOR_COROSYNC");

    Outcome outcome = cluster.run(3, "collie node list").mustFail();

    assertThat(outcome.stderr())
        .contains(
            "This node is not a member of the cluster: it waits for corosync: corosync is not"
                + " running");
    third.start();
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> cluster.run(3, "collie node list").exitCode() == 0);
  }
}
