package io.sheepdog.daemon.net;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Log lines that clients can cause at will, rationed: a program that sends nothing but rubbish must
 * not fill the disk. What is left out is counted in the next line that is written. Confined to the
 * event loop.
 */
public final class Complaints {
  /** Lines that may come at once. */
  static final int BURST = 50;

  private static final long NANOS_PER_LINE = Duration.ofSeconds(1).toNanos();

  private final Line event;
  private final LongSupplier clock;
  private long lastRefill;
  private long allowed = BURST;
  private long suppressed;

  /** Writes lines of one kind. */
  public interface Line {
    /** Writes a line; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
    void log(String keyValues, @Nullable Object... values);
  }

  /**
   * Creates a full ration.
   *
   * @param event writes the lines
   * @param clock nanoseconds that never go back
   */
  public Complaints(Line event, LongSupplier clock) {
    this.event = event;
    this.clock = clock;
    this.lastRefill = clock.getAsLong();
  }

  /** Logs, or counts only. */
  public void log(String keyValues, @Nullable Object... values) {
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
