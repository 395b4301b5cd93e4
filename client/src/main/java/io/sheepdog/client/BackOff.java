package io.sheepdog.client;

import java.time.Duration;

/**
 * Pauses between connection attempts: doubled with each failure up to a bound, from the start again
 * after a success.
 */
final class BackOff {
  private final long first;
  private final long max;
  private long next;

  BackOff(Duration first, Duration max) {
    this.first = first.toNanos();
    this.max = max.toNanos();
    this.next = this.first;
  }

  /** The pause before the next attempt in nanoseconds. */
  long failed() {
    long pause = next;
    next = Math.min(max, next * 2);
    return pause;
  }

  void succeeded() {
    next = first;
  }
}
