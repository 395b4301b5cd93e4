package io.sheepdog.core.replica;

import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objects of which somebody knows that their copies may differ: compared, and made the same, at
 * once, and again until nothing is in the way, at first soon and then every few seconds. Bounded:
 * what finds no place here is dirty, and {@link Agreement} comes to it.
 */
final class Suspects {
  private static final Duration SOON = Duration.ofMillis(100);
  private static final int LONGEST_WAIT = 64;
  private static final int MOST = 4096;
  private static final int AT_ONCE = 4;

  private final Scheduler scheduler;
  private final Function<ObjectId, CompletionStage<ObjectComparison>> compare;

  /**
   * Those that wait for their turn, with the wait that follows should it fail, in {@link #SOON}.
   */
  private final LinkedHashMap<ObjectId, Integer> waiting = new LinkedHashMap<>();

  private int running;

  /** Those that wait for time to pass. */
  private int resting;

  /**
   * @param compare compares an object and makes its copies the same
   */
  Suspects(Scheduler scheduler, Function<ObjectId, CompletionStage<ObjectComparison>> compare) {
    this.scheduler = scheduler;
    this.compare = compare;
  }

  /** The copies of an object may differ. */
  void add(ObjectId oid) {
    add(oid, 1);
  }

  /** Somebody has read an object here, with this result: what cannot be read is brought again. */
  void noteDamage(ObjectId oid, StoreStatus status) {
    if (status == StoreStatus.DAMAGED) {
      add(oid);
    }
  }

  private void add(ObjectId oid, int wait) {
    if (waiting.size() + resting < MOST) {
      waiting.putIfAbsent(oid, wait);
      next();
    }
  }

  private void next() {
    while (running < AT_ONCE && !waiting.isEmpty()) {
      Map.Entry<ObjectId, Integer> first = waiting.entrySet().iterator().next();
      ObjectId oid = first.getKey();
      int wait = first.getValue();
      waiting.remove(oid);
      running++;
      compare.apply(oid).whenComplete((found, failure) -> ended(oid, wait, found, failure));
    }
  }

  private void ended(
      ObjectId oid, int wait, @Nullable ObjectComparison found, @Nullable Throwable failure) {
    running--;
    if (found != null && failure == null && mayChange(found)) {
      resting++;
      scheduler.schedule(
          SOON.multipliedBy(wait),
          () -> {
            resting--;
            add(oid, Math.min(2 * wait, LONGEST_WAIT));
          });
    }
    next();
  }

  /** Whether it is worth to come again. */
  private static boolean mayChange(ObjectComparison found) {
    return switch (found.outcome()) {
      case SAME, REPAIRED -> false;
      // of an object that some lack, recovery is the one to look after
      case DIFFERENT -> found.homes().stream().noneMatch(home -> home.state() == State.MISSING);
      // without homes: there is no such object any more, or this node is no member
      case UNKNOWN -> !found.homes().isEmpty();
    };
  }
}
