package io.sheepdog.core.recovery;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether objects may exist of which no member can tell, because all their copies are on nodes that
 * are away: then nobody may say that it holds everything, however much it was told of (R6).
 *
 * <p>The copies of an object are in different zones. So that may be if, of some epoch since the
 * newest complete one, nodes of as many zones are away as the least replicated VDI has copies. Who
 * is about to join is still away: nobody asks it what it has. Whoever an operator has given up
 * ({@link ClusterState#lastForced}) is not waited for.
 */
final class AbsentNodes {
  private AbsentNodes() {}

  /** The nodes that have to be waited for, at least some of them; empty when none has. */
  static List<NodeAddress> awaited(ClusterState state) {
    int copies = leastCopies(state);
    for (EpochRecord record : state.history()) {
      boolean areGivenUp = state.lastForced().isNewerThan(record.epoch());
      if (!areGivenUp && !state.recovery().complete().isNewerThan(record.epoch())) {
        List<NodeAddress> absent = absent(state, record, copies);
        if (!absent.isEmpty()) {
          return absent;
        }
      }
    }
    return List.of();
  }

  /** Those that are away of an epoch; empty when each object has a home that is not. */
  private static List<NodeAddress> absent(ClusterState state, EpochRecord record, int copies) {
    List<NodeAddress> absent = new ArrayList<>();
    Set<Integer> zones = new HashSet<>();
    Set<Integer> zonesAway = new HashSet<>();
    for (EpochNode node : record.nodes()) {
      if (node.node().vnodes() == 0) {
        continue;
      }
      zones.add(node.node().zone());
      if (state.syncedMembers().stream().noneMatch(node::isSame)) {
        absent.add(node.node().address());
        zonesAway.add(node.node().zone());
      }
    }
    boolean mayHoldAll = !absent.isEmpty() && zonesAway.size() >= Math.min(copies, zones.size());
    return mayHoldAll ? absent : List.of();
  }

  private static int leastCopies(ClusterState state) {
    ClusterConfig config = state.config();
    int least = config == null ? 1 : config.copies();
    for (VdiEntry entry : state.directory().entries()) {
      // a tombstone says nothing of copies: its inode is kept like any other
      least = entry.copies() > 0 ? Math.min(least, entry.copies()) : least;
    }
    return config == null ? least : config.history().least(least);
  }
}
