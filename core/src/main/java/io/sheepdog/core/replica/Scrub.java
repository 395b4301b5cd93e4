package io.sheepdog.core.replica;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.protocol.id.ObjectId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the objects of this node in the background, one after the other, and has the store
 * look whether those that are clean are what they were: so that what a disk has changed is found
 * while other copies are good, though nobody reads it.
 *
 * <p>At most so many bytes a second, not while recovery goes on, and while clients wait for answers
 * one object a second.
 */
final class Scrub {
  private static final Duration REST = Duration.ofSeconds(1);
  private static final Duration WHILE_CLIENTS_WAIT = Duration.ofMillis(100);
  private static final int MOST_POSTPONED = 10;
  private static final long SECOND = 1_000_000_000L;

  private final ClusterView cluster;
  private final ObjectStore store;
  private final ObjectShapes shapes;
  private final Clock clock;
  private final Scheduler scheduler;
  private final RecoveryPolicy policy;
  private final Consumer<ObjectId> whenDamaged;
  private BooleanSupplier clientsWait = () -> false;
  private long bytesPerSecond;
  private Iterator<ObjectId> pass = List.<ObjectId>of().iterator();
  private Set<ObjectId> dirty = Set.of();
  private long passBegan;
  private boolean hasBegun;
  private boolean wasMember;
  private int postponed;

  /**
   * @param whenDamaged told of an object of which something is not what it was
   */
  Scrub(
      ClusterView cluster,
      ObjectStore store,
      ObjectShapes shapes,
      Clock clock,
      Scheduler scheduler,
      RecoveryPolicy policy,
      Consumer<ObjectId> whenDamaged) {
    this.cluster = cluster;
    this.store = store;
    this.shapes = shapes;
    this.clock = clock;
    this.scheduler = scheduler;
    this.policy = policy;
    this.whenDamaged = whenDamaged;
  }

  /** Goes on until the membership of this node ends. */
  void begin(BooleanSupplier areClientsWaiting) {
    clientsWait = areClientsWaiting;
    later(REST);
  }

  /** Bytes of objects a second, holes included; 0 for none at all. */
  void setRate(long newBytesPerSecond) {
    bytesPerSecond = newBytesPerSecond;
  }

  private void later(Duration wait) {
    boolean isMember = cluster.incarnation() != 0;
    if (!wasMember || isMember) {
      wasMember = isMember;
      scheduler.schedule(wait, this::step);
    }
  }

  private void step() {
    if (!mayRead()) {
      later(REST);
    } else if (clientsWait.getAsBoolean() && postponed < MOST_POSTPONED) {
      postponed++;
      later(WHILE_CLIENTS_WAIT);
    } else {
      postponed = 0;
      readNext();
    }
  }

  private boolean mayRead() {
    return bytesPerSecond > 0
        && wasMember
        && store.failure() == null
        && !cluster.servingEpoch().isZero()
        && cluster.state().recovery().complete().equals(cluster.servingEpoch());
  }

  private void readNext() {
    ObjectId oid = next();
    ObjectAttributes shape = oid == null ? null : shapes.of(oid);
    if (oid == null || shape == null) {
      later(oid == null ? policy.restBetweenScrubs() : Duration.ZERO);
      return;
    }
    store
        .digest(oid)
        .whenComplete(
            (found, failure) -> {
              if (failure == null && isDamaged(found)) {
                whenDamaged.accept(oid);
              }
              later(Duration.ofNanos(shape.size() * SECOND / Math.max(1, bytesPerSecond)));
            });
  }

  private static boolean isDamaged(DigestOutcome found) {
    ObjectDigest digest = found.digest();
    return digest != null && !digest.isTrusted();
  }

  private @Nullable ObjectId next() {
    if (!pass.hasNext() && (!hasBegun || clock.nanoTime() - passBegan > period())) {
      hasBegun = true;
      passBegan = clock.nanoTime();
      pass = store.objects().iterator();
      dirty = new HashSet<>(store.dirtyObjects());
    }
    while (pass.hasNext()) {
      ObjectId oid = pass.next();
      if (!dirty.contains(oid) && store.holds(oid)) {
        return oid;
      }
    }
    return null;
  }

  private long period() {
    return policy.leastScrubPeriod().toNanos();
  }
}
