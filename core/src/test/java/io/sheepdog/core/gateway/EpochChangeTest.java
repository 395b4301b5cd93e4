package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpochChangeTest extends GatewayTest {
  private List<TestNode> without(TestNode... lost) {
    List<TestNode> rest = new ArrayList<>(cluster.nodes);
    rest.removeAll(List.of(lost));
    return rest;
  }

  private TestNode other(ObjectId oid) {
    return cluster.targets(oid).stream().filter(n -> n != gateway).findFirst().orElseThrow();
  }

  @Test
  void aWriteThatWaitsForADeadReplicaGoesOnInTheNextEpoch() {
    given(DATA, 1);
    TestNode dead = other(DATA);
    gateway.transport.trouble(dead, TestTransport.Trouble.SILENT);
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(write).isNotDone();

    cluster.epochOf(without(dead));

    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(DATA)).hasSize(3).doesNotContain(dead);
    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 0, 9)).startsWith(5).endsWith(1);
    }
    gateway.transport.trouble(dead, TestTransport.Trouble.NONE);
  }

  @Test
  void everythingAcknowledgedIsReadAfterEachOfTwoNodesIsLost() {
    given(DATA, 1);
    cluster.code(gateway.write(DATA, 0, filled(8, 5)));
    TestNode first = other(DATA);
    cluster.epochOf(without(first));
    cluster.code(gateway.write(DATA, 8, filled(8, 6)));
    TestNode second =
        cluster.targets(DATA).stream().filter(n -> n != gateway).findFirst().orElseThrow();
    cluster.epochOf(without(first, second));

    assertThat(cluster.bytes(gateway.read(DATA, 0, 17)))
        .startsWith(5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 1);
  }

  @Test
  void aCopyThatMissedWritesIsNotReadWhenItsNodeIsATargetAgain() {
    given(DATA, 1);
    TestNode away = other(DATA);
    cluster.epochOf(without(away));
    cluster.code(gateway.write(DATA, 0, filled(8, 5)));
    cluster.epochOf(cluster.nodes);
    assertThat(cluster.targets(DATA)).contains(away);

    assertThat(cluster.bytes(away.read(DATA, 0, 8))).isEqualTo(filled(8, 5));
    assertThat(away.store.epochsSetAside(DATA)).containsExactly(new Epoch(1));
  }

  @Test
  void anObjectWhoseNewestCopiesAreAllAwayIsUnavailableAndNotOld() {
    given(DATA, 1);
    List<TestNode> holders = cluster.targets(DATA);
    TestNode outside = without(holders.toArray(TestNode[]::new)).get(0);
    cluster.epochOf(List.of(outside));
    var read = outside.read(DATA, 0, 8).toCompletableFuture();
    cluster.run(2_000_000_000L);
    assertThat(read).isNotDone();

    cluster.epochOf(cluster.nodes);
    assertThat(cluster.bytes(read)).isEqualTo(filled(8, 1));
  }

  @Test
  void aRemovedObjectDoesNotExistInTheNextEpochEither() {
    given(DATA, 1);
    assertThat(cluster.await(gateway.gateway.remove(DATA))).isEqualTo(ResultCode.SUCCESS);
    cluster.epochOf(without(other(DATA)));

    assertThat(cluster.code(gateway.read(DATA, 0, 8))).isEqualTo(ResultCode.NO_OBJ);
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 2)))).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aNodeThatServesALaterEpochIsFollowed() {
    given(DATA, 1);
    Epoch next = new Epoch(2);
    TestNode behind = gateway;
    cluster.epochOf(cluster.nodes);
    behind.view.serve(new Epoch(1));
    var write = behind.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(500_000_000L);
    assertThat(write).isNotDone();

    behind.view.serve(next);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aNodeThatServesAnEarlierEpochIsWaitedFor() {
    given(DATA, 1);
    cluster.epochOf(cluster.nodes);
    TestNode behind = other(DATA);
    behind.view.serve(new Epoch(1));
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(500_000_000L);
    assertThat(write).isNotDone();

    behind.view.serve(new Epoch(2));
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void anObjectThatOnlyAnUnreachableMemberMayHaveIsWaitedFor() {
    given(DATA, 1);
    List<TestNode> holders = cluster.targets(DATA);
    TestNode home = without(holders.toArray(TestNode[]::new)).get(0);
    cluster.await(holders.get(1).store.remove(DATA));
    cluster.epochOf(without(holders.get(2)));
    for (TestNode node : List.of(home, holders.get(1))) {
      node.transport.trouble(holders.get(0), TestTransport.Trouble.UNREACHABLE);
    }
    var read = home.read(DATA, 0, 8).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(read).isNotDone();

    for (TestNode node : List.of(home, holders.get(1))) {
      node.transport.trouble(holders.get(0), TestTransport.Trouble.NONE);
    }
    assertThat(cluster.bytes(read)).isEqualTo(filled(8, 1));
  }

  @Test
  void aNodeWhoseMembershipHasEndedAsksNobody() {
    given(DATA, 1);
    gateway.view.hasLeft = true;
    int before = gateway.transport.sent;
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(500_000_000L);

    assertThat(write).isNotCompletedExceptionally();
    assertThat(gateway.transport.sent).isEqualTo(before);
    gateway.view.hasLeft = false;
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }
}
