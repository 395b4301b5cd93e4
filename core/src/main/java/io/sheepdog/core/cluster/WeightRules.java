package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.placement.VnodeCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;

/**
 * How many virtual nodes the members have (spec/placement.md section 2.1), and how that changes
 * while they stay members: each change begins an epoch, so objects move as after a change of the
 * members.
 */
final class WeightRules {
  private WeightRules() {}

  /** Whether the cluster has virtual nodes by the size of the disks. */
  static boolean isAutomatic(@Nullable ClusterConfig config) {
    return config == null || (config.flags() & ClusterFlags.AUTO_VNODES) != 0;
  }

  /** The number of virtual nodes of each of these members. */
  static int[] vnodes(@Nullable ClusterConfig config, List<Member> members) {
    int[] announced = members.stream().mapToInt(member -> member.node().vnodes()).toArray();
    boolean fixed =
        !isAutomatic(config) && members.stream().anyMatch(member -> member.node().vnodes() != 0);
    return fixed
        ? announced
        : VnodeCounts.automatic(
            members.stream().mapToLong(member -> member.node().space()).toArray());
  }

  /** Disks have been measured again: those that have become larger or smaller weigh as much. */
  static Outcome reweigh(Draft draft, Reweigh event) {
    if (!isAutomatic(draft.config)) {
      return new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY);
    }
    PMap<MemberId, Member> changed = draft.members;
    for (DiskSize size : event.sizes()) {
      Member member = changed.get(size.member());
      if (member != null && member.synced() && size.isAnotherThan(member.node().space())) {
        changed = changed.plus(member.id(), member.withSpace(size.bytes()));
      }
    }
    if (changed == draft.members) {
      return Outcome.Done.INSTANCE;
    }
    if (changed.values().stream().noneMatch(member -> member.node().space() > 0)) {
      return new Outcome.Refused(ResultCode.HALT);
    }
    draft.members = changed;
    EpochRules.begin(draft, draft.history.get(draft.history.size() - 1).time());
    return Outcome.Done.INSTANCE;
  }
}
