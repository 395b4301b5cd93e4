package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.member;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LockRulesTest {
  private static final String ALICE = "10.1.1.1";
  private static final String BOB = "10.1.1.2";

  private final History history = History.running(3);
  private VdiId vid = VdiId.NONE;

  @BeforeEach
  void oneVdi() {
    vid = history.create("a");
  }

  private VdiLock lock(VdiId of) {
    VdiLock lock = history.state().locks().of(of);
    if (lock == null) {
      throw new AssertionError("vid " + of + " is not locked");
    }
    return lock;
  }

  @Test
  void aFreeHeadIsGrantedWithARisingGeneration() {
    assertThat(history.lock(2, vid, ALICE)).isEqualTo(new Outcome.Locked(lock(vid)));
    assertThat(lock(vid).generation()).isEqualTo(1);
    assertThat(lock(vid).gatewayAddress()).isEqualTo(History.address(2));
    history.by(1, new LockRelease(vid, 0));
    history.lock(1, vid, BOB);
    assertThat(lock(vid).generation()).isEqualTo(2);
  }

  @Test
  void aHeldLockIsRefusedToOthersAndToItsOwnClientAlike() {
    history.lock(2, vid, ALICE);
    assertThat(history.lock(1, vid, BOB)).isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.lock(2, vid, ALICE)).isEqualTo(refused(ResultCode.VDI_LOCKED));
  }

  @Test
  void snapshotsAreNeverLocked() {
    history.make(ReserveKind.SNAPSHOT, "a", vid);
    assertThat(history.lock(1, vid, ALICE)).isEqualTo(refused(ResultCode.READONLY));
    assertThat(history.lock(1, new VdiId(5), ALICE)).isEqualTo(refused(ResultCode.NO_VDI));
  }

  @Test
  void theLockFollowsTheHeadThroughSnapshotsAndAnyVidOfTheLineageEndsIt() {
    history.lock(2, vid, ALICE);
    VdiId head = history.make(ReserveKind.SNAPSHOT, "a", vid);
    assertThat(lock(head).head()).isEqualTo(head);
    assertThat(lock(head).lineage()).containsExactlyInAnyOrder(vid, head);
    assertThat(lock(head).generation()).isEqualTo(1);
    assertThat(history.lock(1, head, BOB)).isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new LockRelease(vid, 0))).isEqualTo(done());
    assertThat(history.state().locks().all()).isEmpty();
    assertThat(history.by(1, new LockRelease(vid, 0)))
        .isEqualTo(refused(ResultCode.VDI_NOT_LOCKED));
  }

  @Test
  void aReleaseOfAnOldGenerationLeavesTheNewLockAlone() {
    history.lock(2, vid, ALICE);
    history.by(1, new LockRelease(vid, 1));
    history.lock(2, vid, BOB);
    assertThat(history.by(2, new LockRelease(vid, 1)))
        .isEqualTo(refused(ResultCode.VDI_NOT_LOCKED));
    assertThat(lock(vid).client()).isEqualTo(BOB);
  }

  @Test
  void theLockOfADeadGatewayIsOrphanedAndOnlyItsClientTakesItUp() {
    history.lock(3, vid, ALICE);
    history.leave(3, Departure.PROCESS_DIED);
    assertThat(lock(vid).orphaned()).isTrue();
    assertThat(history.lock(1, vid, BOB)).isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new LockAttach(vid, 1, BOB)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new LockAttach(vid, 9, ALICE)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new LockAttach(vid, 1, ALICE)))
        .isEqualTo(new Outcome.Locked(lock(vid)));
    assertThat(lock(vid).gateway()).isEqualTo(member(1));
    assertThat(lock(vid).orphaned()).isFalse();
    assertThat(lock(vid).generation()).isEqualTo(2);
  }

  @Test
  void aLivingGatewayKeepsItsLockEvenFromTheSameClient() {
    history.lock(3, vid, ALICE);
    assertThat(history.by(1, new LockAttach(vid, 1, ALICE)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(3, new LockAttach(vid, 1, ALICE))).isInstanceOf(Outcome.Locked.class);
  }

  @Test
  void onlyTheHolderDeletesAndThatEndsTheLock() {
    history.lock(3, vid, ALICE);
    assertThat(history.by(1, new VdiDelete(vid, BOB))).isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new VdiDelete(vid, ALICE))).isEqualTo(done());
    assertThat(history.state().locks().all()).isEmpty();
  }

  @Test
  void anImageThatAnAdministratorHoldsIsDeletedByNobody() {
    history.by(1, new LockAcquire(vid, ALICE, LockKind.HELD, history.now()));

    assertThat(history.by(1, new VdiDelete(vid, ALICE))).isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(1, new VdiRetire(vid, history.now(), ALICE)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
  }

  @Test
  void anyAdminTakesAPlainSnapshotButOnlyTheHolderBranches() {
    history.lock(3, vid, ALICE);
    assertThat(history.by(1, History.reservation(ReserveKind.SNAPSHOT, "a", vid, BOB)))
        .isInstanceOf(Outcome.Reserved.class);
    history.by(1, new ClusterEvent.VdiAbort(vid.next()));
    VdiId head = history.make(ReserveKind.SNAPSHOT, "a", vid);
    assertThat(history.by(1, History.reservation(ReserveKind.BRANCH, "a", vid, BOB)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(lock(head).head()).isEqualTo(head);
    VdiId branch = history.make(ReserveKind.BRANCH, "a", vid);
    assertThat(lock(branch).head()).isEqualTo(branch);
  }

  @Test
  void goingBackToASnapshotKeepsTheLock() {
    history.lock(3, vid, ALICE);
    VdiId head = history.make(ReserveKind.SNAPSHOT, "a", vid);
    assertThat(history.by(3, new VdiRetire(head, history.now(), BOB)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    assertThat(history.by(3, new VdiRetire(head, history.now(), ALICE))).isEqualTo(done());
    assertThat(lock(head).head()).isEqualTo(head);
    assertThat(history.by(2, History.reservation(ReserveKind.CLONE, "a", vid, BOB)))
        .isEqualTo(refused(ResultCode.VDI_LOCKED));
    VdiId branch = history.make(ReserveKind.CLONE, "a", vid);
    assertThat(lock(branch).head()).isEqualTo(branch);
    assertThat(lock(branch).lineage()).containsExactlyInAnyOrder(vid, head, branch);
  }
}
