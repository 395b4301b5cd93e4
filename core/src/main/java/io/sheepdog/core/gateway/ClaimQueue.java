package io.sheepdog.core.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations on overlapping ranges of the same thing one after the other, in the order in
 * which they came, and everything else at the same time.
 *
 * <p>Writes to the same bytes must reach all replicas in one order, or these would differ for good
 * (P3); and a create that a client sent again after a reconnect must not overtake the first one and
 * then be undone by it. Operations that share only look, and do not wait for each other.
 *
 * @param <K> what the ranges are ranges of
 */
final class ClaimQueue<K> {
  private final Map<K, LinkedList<Claim>> claims = new HashMap<>();

  /** A place in the queue of one key. */
  final class Claim {
    private final K key;
    private final long from;
    private final long to;
    private final boolean isShared;
    private boolean started;
    private @Nullable Runnable start;

    private Claim(K key, long from, long to, boolean isShared) {
      this.key = key;
      this.from = from;
      this.to = to;
      this.isShared = isShared;
    }

    /**
     * Runs {@code work} as soon as nothing that is ahead in the queue overlaps, and leaves the
     * queue when it has ended.
     */
    <T> CompletionStage<T> run(Supplier<CompletionStage<T>> work) {
      CompletableFuture<T> result = new CompletableFuture<>();
      start =
          () ->
              started(work)
                  .whenComplete(
                      (value, failure) -> {
                        end(this);
                        if (failure != null) {
                          result.completeExceptionally(failure);
                        } else {
                          result.complete(value);
                        }
                      });
      if (isFree(this)) {
        begin();
      }
      return result;
    }

    private boolean overlaps(Claim other) {
      return from < other.to && other.from < to && !(isShared && other.isShared);
    }

    private void begin() {
      if (start != null && !started) {
        started = true;
        start.run();
      }
    }
  }

  /**
   * Takes the last place in the queue; everything that overlaps and comes later waits for it to be
   * run and to end.
   *
   * @param from first number of the range
   * @param to number after the last one
   */
  Claim enter(K key, long from, long to) {
    return enter(new Claim(key, from, to, false));
  }

  private Claim enter(Claim claim) {
    claims.computeIfAbsent(claim.key, k -> new LinkedList<>()).addLast(claim);
    return claim;
  }

  /**
   * Runs {@code work}, which only looks, when all that overlaps and has come before has ended; at
   * once, and without a place in the queue, if nothing does.
   */
  <T> CompletionStage<T> share(K key, long from, long to, Supplier<CompletionStage<T>> work) {
    LinkedList<Claim> queue = claims.get(key);
    if (queue == null) {
      return work.get();
    }
    Claim claim = new Claim(key, from, to, true);
    return queue.stream().anyMatch(claim::overlaps) ? enter(claim).run(work) : work.get();
  }

  /** Takes a place before all that has not started yet. */
  Claim enterFirst(K key, long from, long to) {
    Claim claim = new Claim(key, from, to, false);
    LinkedList<Claim> queue = claims.computeIfAbsent(key, k -> new LinkedList<>());
    List<Claim> running = queue.stream().filter(c -> c.started).toList();
    List<Claim> waiting = queue.stream().filter(c -> !c.started).toList();
    queue.clear();
    queue.addAll(running);
    queue.add(claim);
    queue.addAll(waiting);
    return claim;
  }

  private static <T> CompletionStage<T> started(Supplier<CompletionStage<T>> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void end(Claim ended) {
    LinkedList<Claim> queue = claims.get(ended.key);
    if (queue == null) {
      return;
    }
    queue.remove(ended);
    if (queue.isEmpty()) {
      claims.remove(ended.key);
      return;
    }
    List<Claim> ready = new ArrayList<>();
    for (Claim claim : queue) {
      if (!claim.started && claim.overlaps(ended) && isFree(claim)) {
        ready.add(claim);
      }
    }
    ready.forEach(Claim::begin);
  }

  /** Whether nothing that is in the queue before {@code claim} overlaps it. */
  private boolean isFree(Claim claim) {
    for (Claim earlier : claims.getOrDefault(claim.key, new LinkedList<>())) {
      if (earlier == claim) {
        return true;
      }
      if (earlier.overlaps(claim)) {
        return false;
      }
    }
    return true;
  }
}
