package io.sheepdog.core.replica;

import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Counts the client writes that this node's gateway has admitted and not yet ended, per vid. A
 * snapshot waits for them to end everywhere (R11): from the freeze on none is added, so the wait is
 * bounded by the writes in flight.
 */
public final class WritesInFlight {
  private final Map<VdiId, Integer> counts = new HashMap<>();
  private final Map<VdiId, List<CompletableFuture<Void>>> waiting = new HashMap<>();

  /** A write was admitted. */
  public void enter(VdiId vid) {
    counts.merge(vid, 1, Integer::sum);
  }

  /** It ended, however it did. */
  public void leave(VdiId vid) {
    Integer left = counts.computeIfPresent(vid, (v, n) -> n == 1 ? null : n - 1);
    if (left == null) {
      List<CompletableFuture<Void>> ready = waiting.remove(vid);
      if (ready != null) {
        ready.forEach(stage -> stage.complete(null));
      }
    }
  }

  /** Completes once no write of {@code vid} is in flight. */
  public CompletionStage<Void> drained(VdiId vid) {
    if (!counts.containsKey(vid)) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> stage = new CompletableFuture<>();
    waiting.computeIfAbsent(vid, v -> new ArrayList<>()).add(stage);
    return stage;
  }
}
