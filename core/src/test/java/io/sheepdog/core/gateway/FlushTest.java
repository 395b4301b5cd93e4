package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static io.sheepdog.core.gateway.TestCluster.le32;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FlushTest extends GatewayTest {
  private void cachedWrite() {
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 6), RequestFlags.CACHE)))
        .isEqualTo(ResultCode.SUCCESS);
  }

  /** A node of the object's replicas that is not the gateway, and the others. */
  private TestNode replica() {
    return cluster.targets(DATA).stream().filter(n -> n != gateway).findFirst().orElseThrow();
  }

  private List<TestNode> without(List<TestNode> lost) {
    List<TestNode> rest = new ArrayList<>(cluster.nodes);
    rest.removeAll(lost);
    return rest;
  }

  @Test
  void aFlushMakesDataAndIndexDurableOnAllReplicas() {
    given(DATA, 1);
    cachedWrite();
    assertThat(
            cluster.code(
                gateway.write(
                    INODE,
                    InodeLayout.indexEntryOffset(3),
                    le32(HEAD.value()),
                    RequestFlags.CACHE)))
        .isEqualTo(ResultCode.SUCCESS);

    assertThat(cluster.code(gateway.flush(HEAD))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(DATA)).noneMatch(n -> n.disk.hasUnsynced(DATA));
    assertThat(cluster.targets(INODE)).noneMatch(n -> n.disk.hasUnsynced(INODE));
  }

  @Test
  void aSecondFlushWithoutWritesAsksNobody() {
    given(DATA, 1);
    cachedWrite();
    cluster.code(gateway.flush(HEAD));
    int before = gateway.transport.sent;

    assertThat(gateway.flush(HEAD).toCompletableFuture()).isDone();
    assertThat(gateway.transport.sent).isEqualTo(before);
  }

  @Test
  void anEmptyWriteToAnInodeIsAFlush() {
    given(DATA, 1);
    cachedWrite();

    assertThat(cluster.code(gateway.write(INODE, 0, new byte[0]))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(DATA)).noneMatch(n -> n.disk.hasUnsynced(DATA));
  }

  @Test
  void aFailedSyncIsAnError() {
    given(DATA, 1);
    cachedWrite();
    replica().store.syncs = StoreStatus.IO_ERROR;

    assertThat(cluster.code(gateway.flush(HEAD))).isEqualTo(ResultCode.EIO);
  }

  @Test
  void overlappingFlushesShareTheWork() {
    given(DATA, 1);
    cachedWrite();
    var first = gateway.flush(HEAD);
    int sent = gateway.transport.sent;
    var second = gateway.flush(HEAD);
    assertThat(gateway.transport.sent).isEqualTo(sent);

    assertThat(cluster.code(first)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(second)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void afterAReplicaLeftTheFlushGivesItsPlaceADurableCopy() {
    given(DATA, 1);
    cachedWrite();
    cluster.epochOf(without(List.of(replica())));

    assertThat(cluster.code(gateway.flush(HEAD))).isEqualTo(ResultCode.SUCCESS);
    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 0, 9)).startsWith(6).endsWith(1);
      assertThat(node.disk.hasUnsynced(DATA)).isFalse();
    }
  }

  @Test
  void aFlushWaitsForAReplicaThatIsStillAMember() {
    given(DATA, 1);
    cachedWrite();
    TestNode lost = replica();
    gateway.transport.trouble(lost, TestTransport.Trouble.UNREACHABLE);
    var flush = gateway.flush(HEAD).toCompletableFuture();
    cluster.run(2_000_000_000L);
    assertThat(flush).isNotDone();

    cluster.epochOf(without(List.of(lost)));
    assertThat(cluster.code(flush)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aFlushWaitsForTheOthersWhenTheDiskOfANewReplicaFails() {
    given(DATA, 1);
    cachedWrite();
    List<TestNode> before = cluster.targets(DATA);
    TestNode lost = replica();
    cluster.epochOf(without(List.of(lost)));
    TestNode home =
        cluster.targets(DATA).stream().filter(n -> !before.contains(n)).findFirst().orElseThrow();
    home.store.failsInARead = true;
    var flush = gateway.flush(HEAD).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(flush).isNotDone();

    cluster.epochOf(without(List.of(lost, home)));
    assertThat(cluster.code(flush)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aFlushFailsWhenEveryReplicaWasStartedAgain() {
    given(DATA, 1);
    TestNode outside =
        cluster.nodes.stream()
            .filter(n -> !cluster.targets(DATA).contains(n))
            .findFirst()
            .orElseThrow();
    cluster.code(outside.write(DATA, 0, filled(8, 6), RequestFlags.CACHE));
    for (TestNode old : cluster.targets(DATA)) {
      TestNode again = new TestNode(cluster, old.number, 2, old.disk, WritePolicy.SAFE);
      cluster.nodes.set(old.number, again);
    }
    cluster.epochOf(cluster.nodes);

    assertThat(cluster.code(outside.flush(HEAD))).isEqualTo(ResultCode.EIO);
  }

  @Test
  void aFlushSucceedsWhenRecoveryWasCompleteBeforeTheLastReplicaWent() {
    given(DATA, 1);
    List<TestNode> first = cluster.targets(DATA);
    TestNode outside =
        cluster.nodes.stream().filter(n -> !first.contains(n)).findFirst().orElseThrow();
    cluster.code(outside.write(DATA, 0, filled(8, 6), RequestFlags.CACHE));
    List<TestNode> lost = new ArrayList<>();
    for (TestNode replica : first) {
      lost.add(replica);
      cluster.epochOf(without(lost));
      for (TestNode home : cluster.targets(DATA)) {
        assertThat(cluster.await(home.replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);
        home.store.sync(HEAD);
      }
      cluster.complete();
    }

    assertThat(cluster.code(outside.flush(HEAD))).isEqualTo(ResultCode.SUCCESS);
    assertThat(onDisk(outside, DATA, 0, 9)).startsWith(6).endsWith(1);
  }

  @Test
  void aReplicaThatLostPowerAndIsBackBeforeAnybodyNoticedIsNotTakenForFlushed() {
    given(DATA, 1);
    cachedWrite();
    TestNode lost = replica();
    lost.process.kill();
    lost.disk.losePower(new SplittableRandom(3));
    TestNode again = new TestNode(cluster, lost.number, 2, lost.disk, WritePolicy.SAFE);
    again.view.serve(cluster.state().epoch());
    cluster.nodes.set(lost.number, again);
    var flush = gateway.flush(HEAD).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(flush).isNotDone();

    cluster.epochOf(without(List.of(again)));
    cluster.epochOf(cluster.nodes);
    assertThat(cluster.code(flush)).isEqualTo(ResultCode.SUCCESS);
    assertThat(onDisk(again, DATA, 0, 8)).isEqualTo(filled(8, 6));
    assertThat(again.disk.hasUnsynced(DATA)).isFalse();
  }
}
