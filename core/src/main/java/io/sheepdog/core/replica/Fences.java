package io.sheepdog.core.replica;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.VdiId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest lock generation seen of each vid: a write of an older one comes from an owner that
 * lost the lock and is refused (R12). It is remembered beyond the end of the lock, because such a
 * write may have been on its way since.
 */
public final class Fences implements StateListener {
  private final ClusterView cluster;
  private final Map<VdiId, Long> newest = new HashMap<>();

  /** Starts with the locks that are held now and follows the state. */
  public Fences(ClusterView cluster) {
    this.cluster = cluster;
    cluster.addListener(this);
  }

  /**
   * Whether a write under that generation must be refused; 0, a write of the cluster itself, never
   * is.
   */
  public boolean refuses(VdiId vid, long generation) {
    if (generation == 0) {
      return false;
    }
    VdiLock held = cluster.state().locks().of(vid);
    return generation < newest.getOrDefault(vid, 0L)
        || held != null && generation < held.generation();
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (outcome instanceof Outcome.Locked locked) {
      note(locked.lock());
    } else if (event instanceof ClusterEvent.VdiCommit commit) {
      VdiLock inherited = after.locks().of(commit.vid());
      if (inherited != null) {
        note(inherited);
      }
    } else if (event instanceof ClusterEvent.Format) {
      newest.clear();
    }
  }

  private void note(VdiLock lock) {
    for (VdiId vid : lock.lineage()) {
      newest.merge(vid, lock.generation(), Math::max);
    }
  }
}
