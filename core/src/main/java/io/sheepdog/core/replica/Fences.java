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
 * Keeps the writes of an owner that lost the lock from what the next one does (R12), at either end.
 *
 * <p>A gateway begins no write any more under a lock of which it knows a later grant. What it had
 * begun goes on to all replicas: that some replicas refused it and others did not would leave them
 * different for good. The next holder waits for these to end, so a replica should never see one
 * after a write of his; it refuses it all the same, because such a write may have been given up by
 * its gateway and have been under way on a broken connection.
 */
public final class Fences implements StateListener {
  private final ClusterView cluster;
  private final Map<VdiId, Long> granted = new HashMap<>();
  private final Map<VdiId, Long> written = new HashMap<>();

  /** Starts with the locks that are held now and follows the state. */
  public Fences(ClusterView cluster) {
    this.cluster = cluster;
    cluster.addListener(this);
  }

  /**
   * For gateways: whether a later lock was granted than that under which a write was admitted. It
   * is remembered beyond the end of that later lock. A write of the cluster itself, 0, is under no
   * lock.
   */
  public boolean isOver(VdiId vid, long generation) {
    if (generation == 0) {
      return false;
    }
    VdiLock held = cluster.state().locks().of(vid);
    return generation < granted.getOrDefault(vid, 0L)
        || held != null && generation < held.generation();
  }

  /** For replicas: whether the holder of a later lock has written here. */
  boolean refuses(VdiId vid, long generation) {
    return generation != 0 && generation < written.getOrDefault(vid, 0L);
  }

  /** This replica carries a write out. */
  void carriesOut(VdiId vid, long generation) {
    if (generation != 0) {
      written.merge(vid, generation, Math::max);
    }
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
      granted.clear();
      written.clear();
    }
  }

  private void note(VdiLock lock) {
    for (VdiId vid : lock.lineage()) {
      granted.merge(vid, lock.generation(), Math::max);
    }
  }
}
