package io.sheepdog.core.sim.store;

import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Runs the operations on each object one after the other, each with a seeded time to its effect and
 * to its completion.
 */
final class ObjectQueues {
  private final SimProcess process;
  private final RandomGenerator random;
  private final Delays delays;
  private final TreeMap<ObjectId, Deque<Runnable>> waiting = new TreeMap<>();
  private boolean hangs;
  private long hangsUntil;
  private long stuckSince;

  ObjectQueues(SimProcess process, RandomGenerator random, Delays delays) {
    this.process = process;
    this.random = random;
    this.delays = delays;
  }

  /**
   * Queues an operation.
   *
   * @param effect what it does, in the page cache
   * @param end what is true from its completion on, such as durability
   */
  <T> CompletableFuture<T> submit(ObjectId oid, Supplier<T> effect, Consumer<T> end) {
    return submitUntilEnd(
        oid,
        effect,
        value -> {
          end.accept(value);
          return value;
        });
  }

  /** The same where the end decides about the result, too. */
  <T> CompletableFuture<T> submitUntilEnd(ObjectId oid, Supplier<T> effect, UnaryOperator<T> end) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable operation =
        () ->
            process.after(
                delay(),
                () -> {
                  T value = effect.get();
                  process.after(
                      delay(),
                      () -> {
                        T last = end.apply(value);
                        startNext(oid);
                        result.complete(last);
                      });
                });
    Deque<Runnable> queue = waiting.get(oid);
    if (waiting.isEmpty()) {
      stuckSince = process.nanoTime();
    }
    if (queue == null) {
      waiting.put(oid, new ArrayDeque<>());
      operation.run();
    } else {
      queue.add(operation);
    }
    return result;
  }

  /** Nothing ends within that time. */
  void hang(long nanos) {
    hangs = true;
    stuckSince = process.nanoTime();
    hangsUntil = stuckSince + nanos;
  }

  long nanosStalled() {
    return isHanging() && !waiting.isEmpty() ? process.nanoTime() - stuckSince : 0;
  }

  private boolean isHanging() {
    hangs &= hangsUntil - process.nanoTime() > 0;
    return hangs;
  }

  private long delay() {
    long delay = delays.draw(random);
    return isHanging() ? hangsUntil - process.nanoTime() + delay : delay;
  }

  /** Does something once all that is queued now has completed. */
  <T> CompletableFuture<T> submitAfterAll(Supplier<T> effect) {
    List<CompletableFuture<?>> busy = new ArrayList<>();
    for (ObjectId oid : List.copyOf(waiting.keySet())) {
      busy.add(submit(oid, () -> true, done -> {}));
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture.allOf(busy.toArray(CompletableFuture<?>[]::new))
        .thenRun(() -> process.after(delay(), () -> result.complete(effect.get())));
    return result;
  }

  /** {@code objects} and those of {@code vid} on which something is going on. */
  SortedSet<ObjectId> alsoBusy(List<ObjectId> objects, VdiId vid) {
    SortedSet<ObjectId> all = new TreeSet<>(objects);
    for (ObjectId oid : waiting.keySet()) {
      if (oid.vid().equals(vid)) {
        all.add(oid);
      }
    }
    return all;
  }

  private void startNext(ObjectId oid) {
    Deque<Runnable> queue = waiting.get(oid);
    if (queue == null) {
      throw new IllegalStateException("no queue of " + oid);
    }
    Runnable next = queue.poll();
    if (next == null) {
      waiting.remove(oid);
    } else {
      next.run();
    }
  }
}
