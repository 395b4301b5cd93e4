package io.sheepdog.core.replica;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Counts the client writes that this node's gateway has admitted and not yet ended, per vid and
 * generation of the lock under which they were admitted.
 *
 * <p>A snapshot waits for all of a vid to end everywhere (R11), the next holder of a lock for those
 * of earlier holders (R12). From the freeze on, or from the grant on, none is added that they wait
 * for, so the wait is bounded by the writes in flight.
 *
 * <p>Beside these, the changes that are under way per object, those of volume operations included:
 * replicas may differ as long as there is one.
 */
public final class WritesInFlight {
  private final Map<VdiId, TreeMap<Long, Integer>> counts = new HashMap<>();
  private final Map<ObjectId, Integer> changes = new HashMap<>();
  private final Map<VdiId, List<Waiter>> waiting = new HashMap<>();

  /** Somebody who waits for the writes of generations {@code from} up to {@code end}, exclusive. */
  private record Waiter(long from, long end, CompletableFuture<Void> stage) {}

  /**
   * A write was admitted.
   *
   * @param generation of the lock under which it was; 0 for none
   */
  public void enter(VdiId vid, long generation) {
    counts.computeIfAbsent(vid, v -> new TreeMap<>()).merge(generation, 1, Integer::sum);
  }

  /** It ended, however it did. */
  public void leave(VdiId vid, long generation) {
    TreeMap<Long, Integer> ofVid = counts.get(vid);
    if (ofVid == null
        || ofVid.computeIfPresent(generation, (g, n) -> n == 1 ? null : n - 1) != null) {
      return;
    }
    if (ofVid.isEmpty()) {
      counts.remove(vid);
    }
    release(vid);
  }

  /** A change of an object, whoever wants it, is about to be sent to its replicas. */
  public void begin(ObjectId oid) {
    changes.merge(oid, 1, Integer::sum);
  }

  /** It ended: all its replicas have answered for good. */
  public void end(ObjectId oid) {
    changes.computeIfPresent(oid, (o, n) -> n == 1 ? null : n - 1);
  }

  /** Whether a change of that object has begun here and not ended. */
  public boolean isChanging(ObjectId oid) {
    return changes.containsKey(oid);
  }

  private void release(VdiId vid) {
    List<Waiter> waiters = waiting.get(vid);
    if (waiters == null) {
      return;
    }
    List<Waiter> ready = new ArrayList<>();
    for (Iterator<Waiter> it = waiters.iterator(); it.hasNext(); ) {
      Waiter waiter = it.next();
      if (isIdle(vid, waiter.from(), waiter.end())) {
        it.remove();
        ready.add(waiter);
      }
    }
    if (waiters.isEmpty()) {
      waiting.remove(vid);
    }
    ready.forEach(waiter -> waiter.stage().complete(null));
  }

  /** Completes once no write of {@code vid} is in flight. */
  public CompletionStage<Void> drained(VdiId vid) {
    return drained(vid, 0, Long.MAX_VALUE);
  }

  /**
   * Completes once no write of {@code vid} is in flight that was admitted under a lock of an
   * earlier generation than that. Writes without a lock do not count.
   */
  public CompletionStage<Void> drainedBefore(VdiId vid, long generation) {
    return drained(vid, 1, generation);
  }

  private CompletionStage<Void> drained(VdiId vid, long from, long end) {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    if (isIdle(vid, from, end)) {
      stage.complete(null);
    } else {
      waiting.computeIfAbsent(vid, v -> new ArrayList<>()).add(new Waiter(from, end, stage));
    }
    return stage;
  }

  private boolean isIdle(VdiId vid, long from, long end) {
    TreeMap<Long, Integer> ofVid = counts.get(vid);
    return ofVid == null || ofVid.subMap(from, end).isEmpty();
  }
}
