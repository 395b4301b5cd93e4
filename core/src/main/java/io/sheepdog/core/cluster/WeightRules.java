package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.payload.NodeEntry;
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

  /**
   * The number of virtual nodes of each of these members; before a format those that they would
   * have.
   */
  static int[] vnodes(@Nullable ClusterConfig config, List<Member> members) {
    boolean automatic =
        config == null
            ? members.stream().allMatch(member -> member.node().vnodes() == 0)
            : config.isAutomatic();
    return !automatic
        ? members.stream().mapToInt(member -> member.node().vnodes()).toArray()
        : VnodeCounts.automatic(
            members.stream().mapToLong(member -> member.node().space()).toArray());
  }

  /** Whether a node that presents itself so can hold objects in a cluster of that kind. */
  static boolean isOfKind(NodeEntry node, ClusterConfig config) {
    return node.space() == 0 || (node.vnodes() == 0) == config.isAutomatic();
  }

  /** Numbers of virtual nodes are fixed, and that of the sender becomes another one. */
  static Outcome setVnodes(Draft draft, Member member, SetVnodes event) {
    if (draft.config == null || draft.config.isAutomatic()) {
      return new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY);
    }
    if (member.node().space() == 0) {
      return new Outcome.Refused(ResultCode.GATEWAY_MODE);
    }
    if (event.vnodes() < 1 || event.vnodes() > Limits.MAX_VNODES) {
      return new Outcome.Refused(ResultCode.INVALID_PARMS);
    }
    if (event.vnodes() != member.node().vnodes()) {
      draft.members = draft.members.plus(member.id(), member.withVnodes(event.vnodes()));
      beginEpoch(draft);
    }
    return Outcome.Done.INSTANCE;
  }

  private static void beginEpoch(Draft draft) {
    EpochRules.begin(draft, draft.history.get(draft.history.size() - 1).time());
  }

  /** Disks have been measured again: those that have become larger or smaller weigh as much. */
  static Outcome reweigh(Draft draft, Reweigh event) {
    if (draft.config == null || !draft.config.isAutomatic()) {
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
    beginEpoch(draft);
    return Outcome.Done.INSTANCE;
  }
}
