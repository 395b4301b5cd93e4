package io.sheepdog.daemon.net;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Log lines that clients can cause at will, rationed: a program that sends nothing but rubbish must
 * not fill the disk. What is left out is counted in the next line that is written. Confined to the
 * event loop.
 */
final class Complaints {
  /** Lines that may come at once. */
  static final int BURST = 50;

  private static final long NANOS_PER_LINE = Duration.ofSeconds(1).toNanos();

  private final NetEvent event;
  private final LongSupplier clock;
  private long lastRefill;
  private long allowed = BURST;
  private long suppressed;

  /**
   * Creates a full ration.
   *
   * @param clock nanoseconds that never go back
   */
  Complaints(NetEvent event, LongSupplier clock) {
    this.event = event;
    this.clock = clock;
    this.lastRefill = clock.getAsLong();
  }

  /** Logs, or counts only. */
  void log(String keyValues, @Nullable Object... values) {
    if (!isAllowed()) {
      suppressed++;
      return;
    }
    String note = suppressed == 0 ? "" : " left_out_before=" + suppressed;
    suppressed = 0;
    event.log(keyValues + note, values);
  }

  private boolean isAllowed() {
    long lines = (clock.getAsLong() - lastRefill) / NANOS_PER_LINE;
    lastRefill += lines * NANOS_PER_LINE;
    allowed = Math.min(BURST, allowed + lines);
    if (allowed == 0) {
      return false;
    }
    allowed--;
    return true;
  }
}
