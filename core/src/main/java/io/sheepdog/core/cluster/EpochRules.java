package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Epochs: every change of the members of a running cluster begins one. */
final class EpochRules {
  private EpochRules() {}

  /** Begins the next epoch with the present members. */
  static void begin(Draft draft, SheepTime time) {
    draft.history =
        draft.history.plus(new EpochRecord(newest(draft).next(), time, nodes(draft.build())));
    draft.recovery = draft.recovery.inNewEpoch();
  }

  /** The newest epoch, ZERO before the first. */
  static Epoch newest(Draft draft) {
    return draft.history.isEmpty()
        ? Epoch.ZERO
        : draft.history.get(draft.history.size() - 1).epoch();
  }

  /** Whether the present members are exactly the nodes of the newest epoch. */
  static boolean isCurrent(Draft draft) {
    List<EpochNode> nodes = draft.history.get(draft.history.size() - 1).nodes();
    List<Member> members = draft.build().syncedMembers();
    return nodes.size() == members.size()
        && nodes.stream().allMatch(node -> members.stream().anyMatch(node::isSame));
  }

  static List<EpochNode> nodes(ClusterState state) {
    List<Member> members = new ArrayList<>(state.syncedMembers());
    members.sort(Comparator.comparing(member -> member.node().address()));
    int[] counts = WeightRules.vnodes(state.config(), members);
    List<EpochNode> nodes = new ArrayList<>(members.size());
    for (int i = 0; i < counts.length; i++) {
      NodeEntry entry = members.get(i).node();
      nodes.add(
          new EpochNode(
              new NodeEntry(
                  entry.address(), entry.ioAddress(), counts[i], entry.zone(), entry.space()),
              members.get(i).storeId()));
    }
    return nodes;
  }

  /** The time of an epoch that a departure began. */
  static Outcome time(Draft draft, EpochTime event) {
    int newest = draft.history.size() - 1;
    if (newest < 0 || !draft.history.get(newest).epoch().equals(event.epoch())) {
      return new Outcome.Refused(ResultCode.INVALID_EPOCH);
    }
    EpochRecord record = draft.history.get(newest);
    draft.history =
        draft.history.with(newest, new EpochRecord(record.epoch(), event.time(), record.nodes()));
    return Outcome.Done.INSTANCE;
  }
}
