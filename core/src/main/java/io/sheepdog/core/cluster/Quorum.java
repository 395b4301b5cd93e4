package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.NodeAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether those who are left may go on (R3). Nodes that cannot go on elsewhere do not count; of the
 * others a majority must be here. Of two equal halves the one that has the lowest node id goes on,
 * unless the driver's provider of quorum has decided.
 */
final class Quorum {
  private static final Comparator<NodeAddress> BY_NODE_ID =
      (a, b) -> Long.compareUnsigned(a.node2010Id(), b.node2010Id());

  private Quorum() {}

  /**
   * Decides.
   *
   * @param epoch the last epoch that was agreed on
   * @param present who is left
   * @param outOfReach nodes of the epoch that may be running on the other side of a partition
   * @param decided whether the driver's provider of quorum has decided for this side
   */
  static boolean remains(
      EpochRecord epoch, Collection<Member> present, List<Member> outOfReach, boolean decided) {
    Set<NodeAddress> here = new HashSet<>();
    for (Member member : present) {
      if (member.synced() && isIn(epoch, member)) {
        here.add(member.node().address());
      }
    }
    if (here.size() != outOfReach.size()) {
      return here.size() > outOfReach.size();
    }
    if (decided && !here.isEmpty()) {
      return true;
    }
    Set<NodeAddress> voters = new HashSet<>(here);
    outOfReach.forEach(member -> voters.add(member.node().address()));
    return voters.stream().min(BY_NODE_ID).filter(here::contains).isPresent();
  }

  private static boolean isIn(EpochRecord epoch, Member member) {
    return epoch.nodes().stream().anyMatch(node -> node.isSame(member));
  }
}
