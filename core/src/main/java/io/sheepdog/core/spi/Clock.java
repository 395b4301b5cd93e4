package io.sheepdog.core.spi;

import io.sheepdog.protocol.payload.SheepTime;

/** Time as core sees it. */
public interface Clock {
  /**
   * Monotonic nanoseconds from an arbitrary origin; what leases, grace periods and timeouts are
   * measured with.
   */
  long nanoTime();

  /** Wall-clock time; only for stamps that people read, never for decisions. */
  SheepTime wallTime();
}
