package io.sheepdog.core.recovery;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How many objects may be on their way here at once in the background: fewer while clients wait for
 * this node, never more than an operator allows in an interval. Shared by a recovery and the one
 * that replaces it.
 */
final class WorkBounds {
  static final int PARALLEL = 8;
  static final int PARALLEL_WHILE_CLIENTS_WAIT = 2;
  static final long MAX_BYTES = 32L << 20;

  private static final long LONGEST_INTERVAL = Duration.ofDays(1).toMillis();

  private final Clock clock;
  private final BooleanSupplier clientsWait;
  private RecoveryThrottle throttle = new RecoveryThrottle(0, 0, false);
  private int running;
  private long bytes;
  private long intervalStart;
  private long startedInInterval;

  WorkBounds(Clock clock, BooleanSupplier clientsWait) {
    this.clock = clock;
    this.clientsWait = clientsWait;
    intervalStart = clock.nanoTime();
  }

  RecoveryThrottle throttle() {
    return throttle;
  }

  /** Applies only if both numbers are above zero. */
  void setThrottle(int maxObjects, long intervalMillis) {
    boolean applies = maxObjects != 0 && intervalMillis > 0;
    throttle = new RecoveryThrottle(maxObjects, intervalMillis, applies);
    intervalStart = clock.nanoTime();
    startedInInterval = 0;
  }

  /** Whether there is room for another object of that size. One is always allowed. */
  boolean hasRoomFor(long size) {
    int most = clientsWait.getAsBoolean() ? PARALLEL_WHILE_CLIENTS_WAIT : PARALLEL;
    return running == 0 || (running < most && bytes + size <= MAX_BYTES);
  }

  /** Nanoseconds until the throttle lets another object through; 0 when it does now. */
  long pause() {
    if (!throttle.throttling()) {
      return 0;
    }
    long interval =
        Duration.ofMillis(Math.min(throttle.intervalMillis(), LONGEST_INTERVAL)).toNanos();
    long passed = clock.nanoTime() - intervalStart;
    if (passed >= interval) {
      intervalStart += passed;
      passed = 0;
      startedInInterval = 0;
    }
    boolean isUsedUp = startedInInterval >= Integer.toUnsignedLong(throttle.maxExecCount());
    return isUsedUp ? interval - passed : 0;
  }

  /** Bytes of the objects that are on their way. */
  long bytes() {
    return bytes;
  }

  /** An object is being brought. */
  void begin(long size) {
    running++;
    bytes += size;
    startedInInterval++;
  }

  /** It is here, or did not come. */
  void end(long size) {
    running--;
    bytes -= size;
  }
}
