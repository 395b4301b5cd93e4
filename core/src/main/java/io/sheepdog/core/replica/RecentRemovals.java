package io.sheepdog.core.replica;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.HashSet;
import java.util.Set;

/**
 * The objects that were removed here in the epoch being served, so that recovery does not bring
 * back what a list made a moment earlier still names.
 *
 * <p>Only of this epoch: in an earlier one an object may have been created again elsewhere.
 * Bounded; what does not fit may come back as garbage, which costs space and nothing else, because
 * no index names a removed object (R8).
 */
final class RecentRemovals {
  private static final int REMEMBERED = 1 << 18;

  private final ClusterView cluster;
  private final Set<ObjectId> removed = new HashSet<>();
  private Epoch epoch = Epoch.ZERO;

  RecentRemovals(ClusterView cluster) {
    this.cluster = cluster;
  }

  /** The object is being removed; nothing to remember once the epoch is complete. */
  void removed(ObjectId oid) {
    Epoch complete = cluster.state().recovery().complete();
    if (!complete.equals(cluster.servingEpoch()) && now().size() < REMEMBERED) {
      removed.add(oid);
    }
  }

  /** The object is being created. */
  void created(ObjectId oid) {
    now().remove(oid);
  }

  boolean contains(ObjectId oid) {
    return now().contains(oid);
  }

  private Set<ObjectId> now() {
    Epoch serving = cluster.servingEpoch();
    if (!serving.equals(epoch)) {
      epoch = serving;
      removed.clear();
    }
    return removed;
  }
}
