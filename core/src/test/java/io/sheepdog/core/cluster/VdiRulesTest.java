package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.member;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.core.vdi.VdiLookup;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class VdiRulesTest {
  private static final String CLIENT = "10.1.1.1";

  private final History history = History.running(3);

  private VdiDirectory directory() {
    return history.state().directory();
  }

  private VdiId snapshot(String name) {
    VdiEntry head = directory().head(name);
    return history.make(ReserveKind.SNAPSHOT, name, head == null ? VdiId.NONE : head.vid());
  }

  private void delete(VdiId vid) {
    assertThat(history.by(1, new VdiDelete(vid, CLIENT))).isEqualTo(done());
    assertThat(history.by(1, purged(vid, directory().deadInFamily(vid), false))).isEqualTo(done());
  }

  private VdiPurged purged(VdiId vid, int dead, boolean held) {
    return new VdiPurged(vid, dead, held, history.state().epoch());
  }

  private void tag(VdiId vid, String tag) {
    VdiEntry entry = history.entry(vid);
    assertThat(history.by(2, new HeaderChanged(vid, tag, entry.size(), false, 0, 0)))
        .isEqualTo(done());
  }

  private String find(String name, String tag, int snapshotId) {
    VdiLookup found = directory().lookup(name, tag, snapshotId);
    VdiEntry entry = found.entry();
    return entry == null ? found.code().name() : entry.vid().toString();
  }

  /** The vectors of spec/object-model.md section 2.2.1, in their order. */
  @Test
  void probingGivesTheVidsThatWereObserved() {
    VdiId first = history.create("vol31959");
    assertThat(first).hasToString("87347b");
    VdiId second = history.create("vol42584");
    assertThat(second).hasToString("87347c");
    VdiId working = snapshot("vol31959");
    assertThat(working).hasToString("87347d");
    assertThat(history.entry(first).state()).isEqualTo(State.SNAPSHOT);
    assertThat(history.entry(first).snapshotId()).isEqualTo(1);
    assertThat(find("vol42584", "", 0)).isEqualTo("87347c");
    delete(working);
    assertThat(find("vol31959", "", 0)).isEqualTo("NO_VDI");
    assertThat(find("vol31959", "", 1)).isEqualTo("87347b");
    VdiId again = history.create("vol31959");
    assertThat(again).hasToString("87347e");
    assertThat(history.entry(again).snapshotId()).isEqualTo(2);
    assertThat(history.entry(again).parent()).isEqualTo(VdiId.NONE);
    delete(second);
    assertThat(history.create("vol42584")).hasToString("87347f");
    assertThat(history.create("vol31448154")).hasToString("1");
    assertThat(history.create("vol40755153")).hasToString("2");
    VdiId last = history.create("vol21720182");
    assertThat(last).hasToString("ffffff");
    assertThat(history.create("vol30506120")).hasToString("3");
    assertThat(snapshot("vol21720182")).hasToString("4");
    assertThat(find("vol21720182", "", 0)).isEqualTo("4");
    assertThat(find("vol21720182", "", 1)).isEqualTo("ffffff");
    tag(last, "5");
    assertThat(find("vol21720182", "5", 0)).isEqualTo("ffffff");
    assertThat(find("vol21720182", "", 5)).isEqualTo("NO_TAG");
    assertThat(find("vol21720182", "1", 0)).isEqualTo("NO_TAG");
    assertThat(find("vol21720182", "", 1)).isEqualTo("ffffff");
    VdiId branch = history.make(ReserveKind.BRANCH, "vol21720182", last);
    VdiEntry old = history.entry(new VdiId(4));
    assertThat(old.state()).isEqualTo(State.SNAPSHOT);
    assertThat(old.snapshotId()).isEqualTo(2);
    assertThat(old.tag()).isEmpty();
    assertThat(history.entry(branch).snapshotId()).isEqualTo(3);
    assertThat(history.entry(branch).parent()).isEqualTo(last);
  }

  @Test
  void aNameThatIsTakenIsRefused() {
    history.create("a");
    assertThat(history.reserve(ReserveKind.CREATE, "a", VdiId.NONE))
        .isEqualTo(refused(ResultCode.VDI_EXIST));
  }

  @Test
  void aReservedVidIsUsedButNotVisible() {
    Outcome outcome = history.reserve(ReserveKind.CREATE, "a", VdiId.NONE);
    assertThat(outcome).isInstanceOf(Outcome.Reserved.class);
    VdiId vid = VdiId.hashOf("a");
    assertThat(find("a", "", 0)).isEqualTo("NO_VDI");
    assertThat(directory().inUseBitmap().get(vid)).isTrue();
    assertThat(history.reserve(ReserveKind.CREATE, "a", VdiId.NONE))
        .isEqualTo(refused(ResultCode.AGAIN));
  }

  @Test
  void aDroppedReservationLeavesATombstone() {
    history.reserve(ReserveKind.CREATE, "a", VdiId.NONE);
    VdiId vid = VdiId.hashOf("a");
    assertThat(history.by(1, new VdiAbort(vid))).isEqualTo(done());
    assertThat(history.entry(vid).state()).isEqualTo(State.TOMBSTONE);
    assertThat(directory().inUseBitmap().get(vid)).isTrue();
    assertThat(directory().deletedBitmap().get(vid)).isTrue();
    assertThat(history.create("a")).isEqualTo(vid.next());
  }

  @Test
  void onlyTheOriginatorCommits() {
    Outcome outcome = history.reserve(ReserveKind.CREATE, "a", VdiId.NONE);
    assertThat(outcome).isInstanceOf(Outcome.Reserved.class);
    VdiEntry entry = history.entry(VdiId.hashOf("a"));
    VdiCommit commit = new VdiCommit(entry.vid(), History.header(entry));
    assertThat(history.by(2, commit)).isEqualTo(refused(ResultCode.NO_VDI));
    assertThat(history.by(1, commit)).isEqualTo(done());
    assertThat(history.by(1, commit)).isEqualTo(refused(ResultCode.NO_VDI));
  }

  @Test
  void aSnapshotFreezesTheHeadUntilItIsCommitted() {
    VdiId head = history.create("a");
    history.reserve(ReserveKind.SNAPSHOT, "a", head);
    assertThat(directory().isFrozen(head)).isTrue();
    assertThat(find("a", "", 0)).isEqualTo(head.toString());
    VdiEntry reserved = history.entry(head.next());
    history.by(1, new VdiCommit(reserved.vid(), History.header(reserved)));
    assertThat(directory().isFrozen(head)).isFalse();
    assertThat(find("a", "", 0)).isEqualTo(reserved.vid().toString());
    assertThat(history.entry(head).snapshotTime()).isEqualTo(reserved.createTime());
  }

  @Test
  void anAbortedSnapshotEndsTheFreezeAndTheHeadStays() {
    VdiId head = history.create("a");
    history.reserve(ReserveKind.SNAPSHOT, "a", head);
    history.by(1, new VdiAbort(head.next()));
    assertThat(directory().isFrozen(head)).isFalse();
    assertThat(history.entry(head).state()).isEqualTo(State.HEAD);
    assertThat(snapshot("a")).isEqualTo(head.next().next());
  }

  @Test
  void snapshotsNeedAHeadAndTheRightBase() {
    VdiId head = history.create("a");
    assertThat(history.reserve(ReserveKind.SNAPSHOT, "b", head))
        .isEqualTo(refused(ResultCode.NO_VDI));
    VdiId other = history.create("other");
    assertThat(history.reserve(ReserveKind.SNAPSHOT, "a", other))
        .isEqualTo(refused(ResultCode.INVALID_PARMS));
    assertThat(history.reserve(ReserveKind.CLONE, "c", new VdiId(77)))
        .isEqualTo(refused(ResultCode.NO_BASE_VDI));
    assertThat(history.reserve(ReserveKind.CLONE, "c", head))
        .isEqualTo(refused(ResultCode.INVALID_PARMS));
  }

  @Test
  void neitherHeadNorBaseOfAReservationIsDeleted() {
    VdiId base = history.create("a");
    VdiId head = snapshot("a");
    history.reserve(ReserveKind.CLONE, "c", base);
    assertThat(history.by(1, new VdiDelete(base, CLIENT))).isEqualTo(refused(ResultCode.AGAIN));
    history.reserve(ReserveKind.SNAPSHOT, "a", head);
    assertThat(history.by(1, new VdiDelete(head, CLIENT))).isEqualTo(refused(ResultCode.AGAIN));
  }

  @Test
  void aDeletionWhoseSweepMissedALaterOneOfItsFamilyDoesNotEnd() {
    VdiId base = history.create("a");
    VdiId head = snapshot("a");
    assertThat(history.by(1, new VdiDelete(head, CLIENT))).isEqualTo(done());
    int dead = directory().deadInFamily(head);
    assertThat(history.by(2, new VdiDelete(base, CLIENT))).isEqualTo(done());
    assertThat(history.by(2, purged(base, 2, false))).isEqualTo(done());
    assertThat(history.by(1, purged(head, dead, false))).isEqualTo(refused(ResultCode.AGAIN));
    assertThat(history.by(1, purged(head, 2, false))).isEqualTo(done());
  }

  @Test
  void aDeletionInTheLineageOfALockBeginsOnceMoreWhenTheLockEnds() {
    VdiId vid = history.create("a");
    history.lock(2, vid, CLIENT);
    snapshot("a");
    assertThat(history.by(1, new VdiDelete(vid, "10.2.2.2"))).isEqualTo(done());
    assertThat(history.by(1, purged(vid, 1, false))).isEqualTo(refused(ResultCode.AGAIN));
    assertThat(history.by(1, purged(vid, 1, true))).isEqualTo(done());
    assertThat(history.entry(vid).state()).isEqualTo(State.TOMBSTONE);
    assertThat(history.entry(vid).size()).isPositive();

    assertThat(history.by(3, new LockRelease(vid, 0))).isEqualTo(done());
    assertThat(history.entry(vid).state()).isEqualTo(State.DELETING);
    assertThat(directory().deletions()).containsOnly(Map.entry(vid, member(3)));
    assertThat(history.by(3, purged(vid, 1, true))).isEqualTo(refused(ResultCode.AGAIN));
    assertThat(history.by(3, purged(vid, 1, false))).isEqualTo(done());
    assertThat(history.entry(vid).size()).isZero();
  }

  @Test
  void deletingALockedHeadMakesTheDeletionsOfItsLineageBeginOnceMore() {
    VdiId vid = history.create("a");
    history.lock(2, vid, CLIENT);
    VdiId head = snapshot("a");
    history.by(1, new VdiDelete(vid, CLIENT));
    history.by(1, purged(vid, 1, true));

    assertThat(history.by(2, new VdiDelete(head, CLIENT))).isEqualTo(done());
    assertThat(directory().deletions())
        .containsOnly(Map.entry(vid, member(2)), Map.entry(head, member(2)));
  }

  @Test
  void theDeathOfALockedVdisGatewayMakesADeletionOfItsFamilyBeginOnceMore() {
    VdiId first = history.create("a");
    VdiId second = snapshot("a");
    snapshot("a");
    delete(first);
    delete(second);
    history.lock(3, second.next(), CLIENT);
    history.leave(3, Departure.PROCESS_DIED);

    assertThat(history.entry(first).state()).isEqualTo(State.TOMBSTONE);
    assertThat(history.entry(second).state()).isEqualTo(State.DELETING);
    assertThat(directory().deletions()).containsOnly(Map.entry(second, member(1)));
  }

  @Test
  void aDeletionWhoseSweepBeganInAnEarlierEpochDoesNotEnd() {
    VdiId vid = history.create("a");
    history.by(1, new VdiDelete(vid, CLIENT));
    VdiPurged swept = purged(vid, 1, false);
    history.leave(3, Departure.PROCESS_DIED);

    assertThat(history.by(1, swept)).isEqualTo(refused(ResultCode.AGAIN));
    assertThat(history.by(1, purged(vid, 1, false))).isEqualTo(done());
  }

  @Test
  void aDeletedVdiFreesItsNameAtOnceAndItsVidNever() {
    VdiId vid = history.create("a");
    assertThat(history.by(3, new VdiDelete(vid, CLIENT))).isEqualTo(done());
    assertThat(find("a", "", 0)).isEqualTo("NO_VDI");
    assertThat(history.entry(vid).state()).isEqualTo(State.DELETING);
    assertThat(directory().deletions()).containsEntry(vid, member(3));
    assertThat(directory().deletedBitmap().get(vid)).isTrue();
    assertThat(history.by(1, new VdiDelete(vid, CLIENT))).isEqualTo(refused(ResultCode.NO_VDI));
    assertThat(history.create("a")).isEqualTo(vid.next());
    assertThat(history.by(1, purged(vid, directory().deadInFamily(vid), false))).isEqualTo(done());
    assertThat(history.entry(vid).state()).isEqualTo(State.TOMBSTONE);
    assertThat(directory().deletions()).isEmpty();
  }

  @Test
  void aRetiredHeadBecomesASnapshotAndTheNameHasNoHead() {
    VdiId base = history.create("a");
    VdiId head = snapshot("a");
    assertThat(history.by(1, new VdiRetire(head, history.now(), CLIENT))).isEqualTo(done());
    assertThat(find("a", "", 0)).isEqualTo("NO_VDI");
    assertThat(find("a", "", 2)).isEqualTo(head.toString());
    VdiId branch = history.make(ReserveKind.CLONE, "a", base);
    assertThat(history.entry(branch).snapshotId()).isEqualTo(3);
    assertThat(find("a", "", 0)).isEqualTo(branch.toString());
  }

  @Test
  void aHeaderWriteShrinksAVdiOnlyIfThatWasMeant() {
    VdiId vid = history.create("a");
    long size = history.entry(vid).size();
    history.by(2, new HeaderChanged(vid, "t", size / 2, false, 7, 8));
    assertThat(history.entry(vid).size()).isEqualTo(size);
    assertThat(history.entry(vid).tag()).isEqualTo("t");
    assertThat(history.entry(vid).vmClockNanos()).isEqualTo(7);
    history.by(2, new HeaderChanged(vid, "", size * 2, false, 0, 0));
    assertThat(history.entry(vid).size()).isEqualTo(size * 2);
    history.by(2, new HeaderChanged(vid, "", size / 2, true, 0, 0));
    assertThat(history.entry(vid).size()).isEqualTo(size / 2);
    snapshot("a");
    assertThat(history.by(2, new HeaderChanged(vid, "", size / 4, true, 0, 0)))
        .isEqualTo(new Outcome.Refused(ResultCode.READONLY));
    assertThat(history.entry(vid).size()).isEqualTo(size / 2);
  }

  @Test
  void aFamilyIsEverybodyWhoMayShareData() {
    VdiId root = history.create("a");
    VdiId head = snapshot("a");
    VdiId clone = history.make(ReserveKind.CLONE, "c", root);
    VdiId stranger = history.create("b");
    delete(head);
    assertThat(directory().family(clone))
        .extracting(VdiEntry::vid)
        .containsExactlyInAnyOrder(root, head, clone);
    assertThat(directory().children(root))
        .extracting(VdiEntry::vid)
        .containsExactlyInAnyOrder(head, clone);
    assertThat(directory().family(stranger)).extracting(VdiEntry::vid).containsExactly(stranger);
  }
}
