package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import java.util.HashSet;
import java.util.List;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/** How a cluster comes to run: by format, or by all nodes of the newest epoch being back (R1). */
final class StartRules {
  private StartRules() {}

  /** Everything before is gone; epoch 1 begins with the present members. */
  static Outcome format(Draft draft, Format format) {
    if (draft.status == ClusterStatus.SHUTDOWN) {
      return new Outcome.Refused(ResultCode.SHUTDOWN);
    }
    if (draft.members.values().stream().anyMatch(member -> !member.synced())) {
      return new Outcome.Refused(ResultCode.WAIT_FOR_JOIN);
    }
    if (!draft.members.values().stream()
        .allMatch(member -> WeightRules.isOfKind(member.node(), format.config()))) {
      return new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY);
    }
    draft.config = format.config();
    draft.history = TreePVector.empty();
    draft.directory = VdiDirectory.EMPTY;
    draft.locks = draft.locks.releaseAll();
    draft.enter(ClusterStatus.RUNNING);
    EpochRules.begin(draft, format.time());
    draft.recovery = RecoveryState.NONE.completed(EpochRules.newest(draft));
    return Outcome.Done.INSTANCE;
  }

  /** An operator gives up those who are not here: the others exchange what they know of VDIs. */
  static Outcome force(Draft draft, ForceStart force) {
    if (draft.status != ClusterStatus.WAIT_JOIN || force.id() == 0) {
      return new Outcome.Refused(ResultCode.FORCE_RECOVER);
    }
    boolean isAgreedOn =
        draft.build().missingNodes().stream()
            .allMatch(node -> force.missing().contains(node.storeId()));
    if (!force.epoch().equals(EpochRules.newest(draft)) || !isAgreedOn) {
      return new Outcome.Refused(ResultCode.INVALID_EPOCH);
    }
    if (draft.members.values().stream().anyMatch(member -> !member.synced())) {
      return new Outcome.Refused(ResultCode.AGAIN);
    }
    draft.enterStarting();
    draft.forcedBy = force.id();
    return Outcome.Done.INSTANCE;
  }

  /** All nodes of the newest epoch are here: they exchange what they know of VDIs. */
  static void startIfComplete(Draft draft) {
    if (draft.build().missingNodes().isEmpty()) {
      draft.enterStarting();
    }
  }

  /**
   * A member left while headers were gathered. Who forced the start did not give up that one, so it
   * is for him to look again.
   */
  static void afterLoss(Draft draft) {
    if (!draft.build().missingNodes().isEmpty()) {
      draft.enter(ClusterStatus.WAIT_JOIN);
    } else {
      runIfAllReady(draft);
    }
  }

  /** A member has gathered the headers. */
  static Outcome directoryReady(Draft draft, MemberId sender, DirectoryReady ready) {
    if (draft.status != ClusterStatus.STARTING || ready.start() != draft.startedAt) {
      return new Outcome.Refused(ResultCode.INVALID_EPOCH);
    }
    draft.ready = draft.ready.plus(sender, ready.digest());
    runIfAllReady(draft);
    return Outcome.Done.INSTANCE;
  }

  /** Who has different headers gathers again: a replica may have changed between two readings. */
  private static void runIfAllReady(Draft draft) {
    List<Member> members = draft.build().syncedMembers();
    if (!members.stream().allMatch(member -> draft.ready.containsKey(member.id()))) {
      return;
    }
    if (new HashSet<>(draft.ready.values()).size() > 1) {
      draft.enterStarting();
      return;
    }
    boolean isForced = !draft.build().missingNodes().isEmpty();
    ClusterConfig config = draft.config;
    if (isForced && config != null) {
      Epoch first = EpochRules.newest(draft).next();
      draft.config = config.withForced(new ForcedStart(first, draft.forcedBy));
    }
    Epoch forgotten = draft.config == null ? Epoch.ZERO : draft.config.history().forgotten();
    if (forgotten.isNewerThan(draft.recovery.complete())) {
      // the store that this state was founded on knew less of recovery than of the configuration
      draft.recovery = draft.recovery.completed(forgotten);
    }
    draft.enter(ClusterStatus.RUNNING);
    draft.locks = draft.locks.releaseAll();
    draft.ready = TreePMap.empty();
    if (!EpochRules.isCurrent(draft)) {
      EpochRules.begin(draft, draft.history.get(draft.history.size() - 1).time());
    }
  }
}
