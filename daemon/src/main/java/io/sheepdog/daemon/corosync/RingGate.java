package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgReason;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds back what libcpg delivers after a change of the ring until it is known that this side may
 * go on: libquorum has said so of the ring with the same id (R3), and where rings have merged, this
 * side is the one whose history goes on.
 *
 * <p>libcpg reports a change of the ring as a membership with the reason NODEDOWN or NODEUP, at
 * once followed by the ring. Rings that merge have had histories of their own. Of each side's nodes
 * all are in the new ring, so every process can tell for itself which side wins: the one with more
 * than half of the new ring's nodes; of two halves the one that had quorum, where one at most can
 * have had it, else the one with the lowest node id. There may be none.
 */
final class RingGate {
  /** Quorum and group tell of the same rings, one a little after the other. */
  private static final int REMEMBERED_RINGS = 16;

  private final Side side;
  private final boolean quorumConfigured;
  private final Set<RingId> quorateRings = new LinkedHashSet<>();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private Set<Integer> nodes = Set.of();
  private boolean ringAwaited;
  private boolean merging;
  private boolean quorumAwaited;
  private boolean trusted;
  private RingId ring = new RingId(0, 0);

  /** What becomes of this side. */
  interface Side {
    /** The other side's history goes on. */
    void lostMerge(Set<Integer> oldRing, List<Integer> newRing);

    /** This side has no quorum. */
    void lostQuorum(QuorumView view);
  }

  RingGate(boolean quorumConfigured, Side side) {
    this.quorumConfigured = quorumConfigured;
    this.side = side;
  }

  /** Runs what a message or membership brings about, now or when the ring may go on. */
  void pass(Runnable event) {
    if (ringAwaited || quorumAwaited) {
      held.addLast(event);
    } else {
      event.run();
    }
  }

  /** A membership was reported; what it brings about is passed after this. */
  void membership(List<CpgChange> left, List<CpgChange> joined) {
    boolean joining = joined.stream().anyMatch(change -> change.reason() == CpgReason.NODEUP);
    merging |= joining;
    if (joining || left.stream().anyMatch(change -> change.reason() == CpgReason.NODEDOWN)) {
      ringAwaited = true;
      quorumAwaited = quorumConfigured;
    }
  }

  /** A ring was reported. */
  void ring(RingId newRing, List<Integer> newNodes) {
    Set<Integer> before = nodes;
    boolean merged = merging;
    boolean hadQuorum = quorateRings.contains(ring);
    ring = newRing;
    nodes = Set.copyOf(newNodes);
    ringAwaited = false;
    merging = false;
    if (merged && !(trusted ? wins(before, nodes, hadQuorum) : wins(before, nodes))) {
      held.clear();
      quorumAwaited = false;
      side.lostMerge(before, newNodes);
      return;
    }
    release();
  }

  /** Whether of two parts of a ring one at most can have had quorum. */
  void trust(boolean strict) {
    trusted = strict;
  }

  /** libquorum has spoken. */
  void quorum(QuorumView view) {
    if (!view.quorate()) {
      side.lostQuorum(view);
      return;
    }
    quorateRings.add(view.ring());
    if (quorateRings.size() > REMEMBERED_RINGS) {
      quorateRings.remove(quorateRings.iterator().next());
    }
    release();
  }

  private void release() {
    if (quorumAwaited && !ringAwaited && quorateRings.contains(ring)) {
      quorumAwaited = false;
    }
    while (!ringAwaited && !quorumAwaited && !held.isEmpty()) {
      held.removeFirst().run();
    }
  }

  /** Whether a side whose ring was {@code before} goes on in the ring {@code now}. */
  static boolean wins(Set<Integer> before, Set<Integer> now) {
    return wins(
        before,
        now,
        now.stream().min(Integer::compareUnsigned).filter(before::contains).isPresent());
  }

  /**
   * @param tie whether it does if it is one of two halves
   */
  private static boolean wins(Set<Integer> before, Set<Integer> now, boolean tie) {
    Set<Integer> stayed = new HashSet<>(before);
    stayed.retainAll(now);
    return 2 * stayed.size() == now.size() ? tie : 2 * stayed.size() > now.size();
  }
}
