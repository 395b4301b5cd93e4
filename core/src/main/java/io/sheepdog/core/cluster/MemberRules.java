package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.Reservation;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSet;
import org.pcollections.TreePVector;

/** Who takes part: presenting oneself, being ready, leaving. */
final class MemberRules {
  private MemberRules() {}

  /**
   * A daemon presents itself. It counts only when it is ready; until then it receives the state.
   */
  static Outcome join(Draft draft, MemberId sender, JoinRequest join) {
    ResultCode refusal = refusal(draft, sender, join);
    if (refusal != null) {
      draft.refused = draft.refused.plus(sender, refusal);
      return new Outcome.Refused(refusal);
    }
    draft.members =
        draft.members.plus(
            sender,
            new Member(
                sender, join.node(), join.storeId(), join.incarnation(), draft.sequence, false));
    adoptNewerHistory(draft, join);
    return Outcome.Done.INSTANCE;
  }

  private static @Nullable ResultCode refusal(Draft draft, MemberId sender, JoinRequest join) {
    if (draft.status == ClusterStatus.SHUTDOWN) {
      return ResultCode.SHUTDOWN;
    }
    if (draft.members.containsKey(sender)) {
      return ResultCode.JOIN_FAILED;
    }
    ClusterConfig config = draft.config;
    if (config != null && !WeightRules.isOfKind(join.node(), config)) {
      return ResultCode.INVALID_VNODES_STRATEGY;
    }
    EpochRecord theirs = join.newestEpoch();
    if (config == null || join.config() == null || theirs == null) {
      return null;
    }
    if (!config.ctime().equals(join.config().ctime())) {
      return ResultCode.INVALID_CTIME;
    }
    if (!ForcedStart.isSameHistory(
        config.forced(), newest(draft).epoch(), join.config().forced(), theirs.epoch())) {
      return ResultCode.INVALID_EPOCH;
    }
    boolean waits = draft.status == ClusterStatus.WAIT_JOIN;
    // Somebody went on without us, or was told to: taking its node in as an old one would lose what
    // it acknowledged since (R1).
    return !waits && theirs.epoch().isNewerThan(newest(draft).epoch())
        ? ResultCode.INVALID_EPOCH
        : null;
  }

  private static EpochRecord newest(Draft draft) {
    return draft.history.get(draft.history.size() - 1);
  }

  /** While waiting, the newest epoch known among those present counts (R1). */
  private static void adoptNewerHistory(Draft draft, JoinRequest join) {
    boolean waits =
        draft.status == ClusterStatus.WAIT_FORMAT || draft.status == ClusterStatus.WAIT_JOIN;
    EpochRecord theirs = join.newestEpoch();
    if (!waits || join.config() == null || theirs == null) {
      return;
    }
    if (draft.history.isEmpty()) {
      draft.config = join.config();
      draft.history = TreePVector.singleton(theirs);
      draft.enter(ClusterStatus.WAIT_JOIN);
    } else if (theirs.epoch().isNewerThan(newest(draft).epoch())) {
      draft.config = join.config();
      draft.history = draft.history.plus(theirs);
    }
  }

  /**
   * A member has the state: from here on it counts. Not while another with its address or store
   * does: that may be its own earlier incarnation whose death nobody has noticed yet, so it may try
   * again.
   */
  static Outcome ready(Draft draft, Member member, MemberReady ready) {
    if (member.synced()) {
      return new Outcome.Refused(ResultCode.INVALID_PARMS);
    }
    for (Member other : draft.members.values()) {
      if (other.synced()
          && (other.node().address().equals(member.node().address())
              || other.storeId() == member.storeId())) {
        return new Outcome.Refused(ResultCode.AGAIN);
      }
    }
    draft.members = draft.members.plus(member.id(), member.asSynced());
    switch (draft.status) {
      case RUNNING -> EpochRules.begin(draft, ready.time());
      case WAIT_JOIN -> StartRules.startIfComplete(draft);
      case STARTING -> draft.enterStarting();
      case WAIT_FORMAT, SHUTDOWN -> {}
    }
    return Outcome.Done.INSTANCE;
  }

  /** Members are gone. */
  static Outcome leave(Draft draft, Map<MemberId, Departure> left) {
    List<Member> outOfReach = new ArrayList<>();
    boolean decided = true;
    boolean counted = false;
    for (Map.Entry<MemberId, Departure> departure : left.entrySet()) {
      Member member = draft.members.get(departure.getKey());
      draft.refused = draft.refused.minus(departure.getKey());
      draft.ready = draft.ready.minus(departure.getKey());
      if (member != null) {
        draft.members = draft.members.minus(member.id());
        forget(draft, member.id());
        sweepAgain(draft, member.id());
        draft.locks = draft.locks.orphan(member.id());
        counted |= member.synced();
        if (member.synced() && departure.getValue().isOutOfReach()) {
          outOfReach.add(member);
          decided &= departure.getValue() == Departure.OUTVOTED;
        }
      }
    }
    if (!counted) {
      return Outcome.Done.INSTANCE;
    }
    passOn(draft);
    return switch (draft.status) {
      case RUNNING -> afterLoss(draft, outOfReach, decided);
      case STARTING -> {
        StartRules.afterLoss(draft);
        yield Outcome.Done.INSTANCE;
      }
      case WAIT_FORMAT, WAIT_JOIN, SHUTDOWN -> Outcome.Done.INSTANCE;
    };
  }

  /**
   * A gateway may have died between an index write that dropped an object of a deleted VDI and the
   * removal of that object: a deletion of each family that it wrote to begins once more (R8).
   */
  private static void sweepAgain(Draft draft, MemberId gone) {
    for (VdiLock lock : draft.locks.all()) {
      if (lock.gateway().equals(gone) && !lock.orphaned()) {
        draft.directory.family(lock.head()).stream()
            .filter(entry -> entry.state() == State.TOMBSTONE)
            .max(Comparator.comparing(VdiEntry::vid))
            .ifPresent(entry -> VdiRules.deleteAgain(draft, gone, entry));
      }
    }
  }

  /**
   * A member gets no answer from another, or gets answers again. When more than half of the members
   * complain about one, the others go on without it (R5). Two members cannot know which of them is
   * the sick one, and neither is given up.
   */
  static Outcome complaint(Draft draft, MemberId sender, Complaint complaint) {
    Member accused = draft.members.get(complaint.accused());
    if (accused == null || !accused.synced() || accused.id().equals(sender)) {
      return new Outcome.Refused(ResultCode.INVALID_PARMS);
    }
    PSet<MemberId> accusers =
        complaint.silent() ? accused.accusers().plus(sender) : accused.accusers().minus(sender);
    draft.members = draft.members.plus(accused.id(), accused.withAccusers(accusers));
    int members = draft.build().syncedMembers().size();
    if (2 * accusers.size() <= members) {
      return Outcome.Done.INSTANCE;
    }
    Outcome outcome = leave(draft, Map.of(accused.id(), Departure.NODE_DOWN));
    return outcome instanceof Outcome.QuorumLost
        ? outcome
        : new Outcome.Evicted(accused.id(), accused.node().address());
  }

  /**
   * A member's disk has failed: an epoch begins in which it is a gateway. The last that holds
   * objects stays what it is, as nobody could go on without it.
   */
  static Outcome diskLost(Draft draft, Member member) {
    if (member.node().space() == 0) {
      return Outcome.Done.INSTANCE;
    }
    if (!draft.build().isStoredElsewhere(member.node().address())) {
      return new Outcome.Refused(ResultCode.HALT);
    }
    draft.members = draft.members.plus(member.id(), member.withoutStore());
    EpochRules.begin(draft, newest(draft).time());
    return Outcome.Done.INSTANCE;
  }

  /** The complaints of a former member count no more. */
  private static void forget(Draft draft, MemberId gone) {
    for (Member member : draft.members.values()) {
      if (member.accusers().contains(gone)) {
        draft.members =
            draft.members.plus(member.id(), member.withAccusers(member.accusers().minus(gone)));
      }
    }
  }

  private static Outcome afterLoss(Draft draft, List<Member> outOfReach, boolean decided) {
    EpochRecord newest = newest(draft);
    if (!Quorum.remains(newest, draft.members.values(), outOfReach, decided)) {
      return new Outcome.QuorumLost(
          newest.epoch(),
          outOfReach.stream().map(member -> member.node().address()).sorted().toList());
    }
    EpochRules.begin(draft, newest.time());
    return Outcome.Done.INSTANCE;
  }

  /** What departed members had begun goes to the oldest that is left. */
  private static void passOn(Draft draft) {
    Member heir = draft.build().oldest();
    if (heir == null) {
      return;
    }
    for (Map.Entry<VdiId, Reservation> reserved : draft.directory.reservations().entrySet()) {
      if (!draft.members.containsKey(reserved.getValue().originator())) {
        draft.directory =
            draft.directory.reserve(
                reserved.getKey(), reserved.getValue().withOriginator(heir.id()));
      }
    }
    for (Map.Entry<VdiId, MemberId> deletion : draft.directory.deletions().entrySet()) {
      if (!draft.members.containsKey(deletion.getValue())) {
        draft.directory = draft.directory.beginDeletion(deletion.getKey(), heir.id());
      }
    }
  }
}
