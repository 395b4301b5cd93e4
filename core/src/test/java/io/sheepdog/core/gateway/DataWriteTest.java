package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.STRANGER;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.session.Grant;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.Reservation;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DataWriteTest extends GatewayTest {
  private static final VdiId NEXT = new VdiId(0x21);

  private void freeze() {
    cluster.directory(
        d ->
            d.put(TestCluster.entry(NEXT, VdiEntry.State.RESERVED, TestCluster.NAME, 3, HEAD))
                .reserve(NEXT, new Reservation(ReserveKind.SNAPSHOT, new MemberId(1), HEAD)));
  }

  private void snapshotTaken() {
    cluster.directory(
        d ->
            d.put(TestCluster.entry(HEAD, VdiEntry.State.SNAPSHOT, TestCluster.NAME, 2, BASE))
                .put(TestCluster.entry(NEXT, VdiEntry.State.HEAD, TestCluster.NAME, 3, HEAD))
                .endReservation(NEXT));
  }

  @Test
  void aWriteIsAnsweredOnlyWhenEveryReplicaHasIt() {
    given(DATA, 1);
    TestNode last =
        cluster.targets(DATA).stream().filter(n -> n != gateway).reduce((a, b) -> b).orElseThrow();
    gateway.transport.trouble(last, TestTransport.Trouble.SILENT);
    var write = gateway.write(DATA, 10, filled(20, 5)).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(write).isNotDone();

    gateway.transport.trouble(last, TestTransport.Trouble.NONE);

    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 9, 22)).startsWith(1, 5).endsWith(5, 1);
    }
  }

  @Test
  void aWriteWithoutTheCacheFlagIsOnStableStorageOfAllReplicasAndOneWithItIsNot() {
    given(DATA, 1);
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(DATA)).noneMatch(n -> n.disk.hasUnsynced(DATA));

    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 6), RequestFlags.CACHE)))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(DATA)).allMatch(n -> n.disk.hasUnsynced(DATA));
  }

  @Test
  void aFullDiskIsReportedAsSuch() {
    given(DATA, 1);
    cluster.targets(DATA).get(1).store.writes = StoreStatus.NO_SPACE;

    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.NO_SPACE);
  }

  @Test
  void aWriteToWhatDoesNotExistSaysSoAndOneBeyondTheEndIsRefused() {
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.NO_OBJ);
    assertThat(cluster.code(gateway.write(DATA, OBJECT - 7, filled(8, 5))))
        .isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(cluster.code(gateway.write(ObjectId.data(new VdiId(99), 0), 0, filled(8, 5))))
        .isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aWriteIsRefusedWithoutTheLock() {
    given(DATA, 1);
    gateway.grant = Grant.refused(ResultCode.VDI_LOCKED);

    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(onDisk(cluster.targets(DATA).get(0), DATA, 0, 8)).isEqualTo(filled(8, 1));
  }

  @Test
  void aWriteOfAnOwnerThatLostTheLockDoesNotBegin() {
    given(DATA, 1);
    gateway.lock(HEAD);
    Grant old = gateway.grant;
    gateway.lock(HEAD);
    gateway.grant = old;

    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.VDI_LOCKED);
    cluster.locks(cluster.state().locks().releaseAll(), new Outcome.Done());
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(onDisk(cluster.targets(DATA).get(0), DATA, 0, 8)).isEqualTo(filled(8, 1));
  }

  @Test
  void aSnapshotsDataIsReadOnlyWhenThereIsANewerHeadAndOnlyThen() {
    given(OLD_DATA, 1);
    assertThat(cluster.code(gateway.write(OLD_DATA, 0, filled(8, 5))))
        .isEqualTo(ResultCode.READONLY);

    cluster.directory(d -> d.put(TestCluster.entry(HEAD, VdiEntry.State.TOMBSTONE, "", 2, BASE)));
    assertThat(cluster.code(gateway.write(OLD_DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.NO_VDI);
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aClientWhoseVidBecameASnapshotAndWasDeletedIsSentToItsHeadWhileItsLockLives() {
    gateway.lock(HEAD);
    cluster.directory(
        d ->
            d.put(TestCluster.entry(HEAD, VdiEntry.State.DELETING, TestCluster.NAME, 2, BASE))
                .put(TestCluster.entry(NEXT, VdiEntry.State.HEAD, TestCluster.NAME, 3, HEAD)));
    var locks = cluster.state().locks();
    var lock = Objects.requireNonNull(locks.of(HEAD));
    cluster.locks(locks.moveHead(lock, NEXT), new Outcome.Done());

    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.READONLY);
    assertThat(cluster.code(gateway.write(INODE, InodeLayout.INDEX_OFFSET, new byte[4])))
        .isEqualTo(ResultCode.READONLY);
    cluster.directory(d -> d.put(TestCluster.entry(HEAD, VdiEntry.State.TOMBSTONE, "", 2, BASE)));
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.READONLY);

    cluster.locks(cluster.state().locks().releaseAll(), new Outcome.Done());
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aWriteToAFrozenVdiWaitsForTheEndOfTheFreezeAndThenFindsASnapshot() {
    given(DATA, 1);
    freeze();
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(write).isNotDone();
    assertThat(onDisk(cluster.targets(DATA).get(0), DATA, 0, 8)).isEqualTo(filled(8, 1));

    snapshotTaken();
    assertThat(cluster.code(write)).isEqualTo(ResultCode.READONLY);
  }

  @Test
  void aWriteToAFrozenVdiGoesOnWhenTheSnapshotWasGivenUp() {
    given(DATA, 1);
    freeze();
    var write = gateway.write(DATA, 0, filled(8, 5));
    cluster.directory(
        d ->
            d.put(TestCluster.entry(NEXT, VdiEntry.State.TOMBSTONE, "", 3, HEAD))
                .endReservation(NEXT));

    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void theDrainOfAVdiWaitsForWritesInFlight() {
    given(DATA, 1);
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    var drained = gateway.gateway.drained(HEAD).toCompletableFuture();
    assertThat(drained).isNotDone();

    cluster.await(drained);
    assertThat(write).isDone();
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aMistakeOfThePolicyIsPossible() {
    given(DATA, 1);
    WritePolicy hasty =
        new WritePolicy() {
          @Override
          protected boolean acknowledges(int succeeded, int targets) {
            return true;
          }
        };
    TestNode careless = new TestNode(cluster, 0, gateway.incarnation, gateway.disk, hasty);
    careless.view.serve(cluster.state().epoch());
    for (TestNode node : cluster.targets(DATA)) {
      careless.transport.trouble(node, TestTransport.Trouble.SILENT);
    }
    TestNode reachable = cluster.targets(DATA).get(0);
    careless.transport.trouble(reachable, TestTransport.Trouble.NONE);

    assertThat(cluster.code(careless.write(DATA, 0, filled(8, 5)))).isEqualTo(ResultCode.SUCCESS);
    for (TestNode node : cluster.targets(DATA)) {
      careless.transport.trouble(node, TestTransport.Trouble.NONE);
    }
  }

  @Test
  void overlappingWritesReachAllReplicasInTheSameOrder() {
    given(DATA, 1);
    var first = gateway.write(DATA, 0, filled(8, 5));
    var second = gateway.write(DATA, 4, filled(8, 6));
    assertThat(cluster.code(first)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(second)).isEqualTo(ResultCode.SUCCESS);

    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 0, 12)).startsWith(5, 5, 5, 5, 6, 6);
    }
  }

  @Test
  void aCreatedObjectIsZeroButForThePayload() {
    assertThat(cluster.code(gateway.create(DATA, 100, filled(4, 9)))).isEqualTo(ResultCode.SUCCESS);

    byte[] expected = new byte[OBJECT];
    System.arraycopy(filled(4, 9), 0, expected, 100, 4);
    assertThat(cluster.bytes(gateway.read(DATA, 0, OBJECT))).isEqualTo(expected);
    assertThat(cluster.targets(DATA)).allMatch(n -> n.disk.holdsDurably(DATA));
  }

  @Test
  void creatingAnObjectAgainReplacesItAfterTheFirstCreation() {
    var first = gateway.create(DATA, 0, filled(4, 9));
    var again = gateway.create(DATA, 0, filled(4, 8));
    var write = gateway.write(DATA, 0, filled(2, 7));
    assertThat(cluster.code(first)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(again)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);

    assertThat(cluster.bytes(gateway.read(DATA, 0, 4))).containsExactly(7, 7, 8, 8);
  }

  @Test
  void copyOnWriteLaysThePayloadOverTheAncestorsObject() {
    given(OLD_DATA, 3);
    assertThat(cluster.code(gateway.copyOnWrite(DATA, OLD_DATA, 10, filled(5, 9))))
        .isEqualTo(ResultCode.SUCCESS);

    byte[] expected = filled(OBJECT, 3);
    System.arraycopy(filled(5, 9), 0, expected, 10, 5);
    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 0, OBJECT)).isEqualTo(expected);
      assertThat(node.disk.holdsDurably(DATA)).isTrue();
    }
  }

  @Test
  void copyOnWriteOfAWholeObjectNeedsNoSource() {
    assertThat(cluster.code(gateway.copyOnWrite(DATA, OLD_DATA, 0, filled(OBJECT, 9))))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(gateway.copyOnWrite(DATA, OLD_DATA, 0, filled(OBJECT - 1, 9))))
        .isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void copyOnWriteTakesOnlyTheSameBlockOfAnAncestor() {
    given(OLD_DATA, 3);
    assertThat(cluster.code(gateway.copyOnWrite(ObjectId.data(HEAD, 4), OLD_DATA, 0, filled(4, 9))))
        .isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(cluster.code(gateway.copyOnWrite(DATA, ObjectId.data(STRANGER, 3), 0, filled(4, 9))))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void clientsCannotCreateInodes() {
    assertThat(cluster.code(gateway.create(ObjectId.inode(HEAD), 0, filled(4, 9))))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }
}
