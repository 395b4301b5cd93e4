package io.sheepdog.core.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Runs operations on overlapping ranges of the same thing one after the other, in the order in
 * which they came, and everything else at the same time.
 *
 * <p>Writes to the same bytes must reach all replicas in one order, or these would differ for good
 * (P3); and a create that a client sent again after a reconnect must not overtake the first one and
 * then be undone by it.
 *
 * @param <K> what the ranges are ranges of
 */
final class ClaimQueue<K> {
  private final Map<K, LinkedList<Claim>> claims = new HashMap<>();

  /**
   * Runs {@code work} once no earlier operation on an overlapping range is under way.
   *
   * @param from first number of the range
   * @param to number after the last one
   */
  <T> CompletionStage<T> run(K key, long from, long to, Supplier<CompletionStage<T>> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    LinkedList<Claim> queue = claims.computeIfAbsent(key, k -> new LinkedList<>());
    Claim claim = new Claim(from, to);
    claim.start =
        () ->
            started(work)
                .whenComplete(
                    (value, failure) -> {
                      end(key, claim);
                      if (failure != null) {
                        result.completeExceptionally(failure);
                      } else {
                        result.complete(value);
                      }
                    });
    boolean free = isFree(queue, claim);
    queue.add(claim);
    if (free) {
      claim.begin();
    }
    return result;
  }

  private static <T> CompletionStage<T> started(Supplier<CompletionStage<T>> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void end(K key, Claim ended) {
    LinkedList<Claim> queue = claims.get(key);
    if (queue == null) {
      return;
    }
    queue.remove(ended);
    if (queue.isEmpty()) {
      claims.remove(key);
      return;
    }
    List<Claim> ready = new ArrayList<>();
    for (Claim claim : queue) {
      if (!claim.started && claim.overlaps(ended) && isFree(queue, claim)) {
        ready.add(claim);
      }
    }
    ready.forEach(Claim::begin);
  }

  /** Whether nothing that is in the queue before {@code claim} overlaps it. */
  private static boolean isFree(LinkedList<Claim> queue, Claim claim) {
    for (Claim earlier : queue) {
      if (earlier == claim) {
        return true;
      }
      if (earlier.overlaps(claim)) {
        return false;
      }
    }
    return true;
  }

  private static final class Claim {
    private final long from;
    private final long to;
    private boolean started;
    private Runnable start = () -> {};

    Claim(long from, long to) {
      this.from = from;
      this.to = to;
    }

    boolean overlaps(Claim other) {
      return from < other.to && other.from < to;
    }

    void begin() {
      if (!started) {
        started = true;
        start.run();
      }
    }
  }
}
