package io.sheepdog.core.gateway;

import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Scheduler.Cancellable;
import io.sheepdog.protocol.id.Epoch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where operations wait that could not be carried out now: until this node serves another epoch, or
 * a little while.
 */
final class RetryGate {
  private static final long FIRST_MILLIS = 5;
  private static final int MAX_DOUBLINGS = 6;

  private final ClusterView cluster;
  private final Scheduler scheduler;
  private final Set<Waiter> waiters = new LinkedHashSet<>();
  private Epoch awaited = Epoch.ZERO;

  RetryGate(ClusterView cluster, Scheduler scheduler) {
    this.cluster = cluster;
    this.scheduler = scheduler;
  }

  /** Whether it is of no use to try again, because the cluster was shut down. */
  boolean isClosed() {
    return cluster.state().status() == ClusterStatus.SHUTDOWN;
  }

  /** Whether requests can be carried out now. */
  boolean isOpen() {
    return cluster.state().status() == ClusterStatus.RUNNING && !cluster.servingEpoch().isZero();
  }

  /** Runs {@code action} later, once; the longer the more often it was {@code tried} already. */
  void later(int tried, Runnable action) {
    Waiter waiter = new Waiter(action);
    waiters.add(waiter);
    long millis = FIRST_MILLIS << Math.min(tried, MAX_DOUBLINGS);
    waiter.timer = scheduler.schedule(Duration.ofMillis(millis), () -> fire(waiter));
    awaitNextEpoch();
  }

  private void awaitNextEpoch() {
    Epoch next = cluster.servingEpoch().next();
    if (next.isNewerThan(awaited)) {
      awaited = next;
      // posted: the agent may call at once while this node is no member
      cluster.whenEpochServed(next, () -> scheduler.execute(this::fireAll));
    }
  }

  private void fireAll() {
    List<Waiter> all = new ArrayList<>(waiters);
    all.forEach(this::fire);
  }

  private void fire(Waiter waiter) {
    if (waiters.remove(waiter)) {
      if (waiter.timer != null) {
        waiter.timer.cancel();
      }
      waiter.action.run();
    }
  }

  private static final class Waiter {
    private final Runnable action;
    private @Nullable Cancellable timer;

    Waiter(Runnable action) {
      this.action = action;
    }
  }
}
