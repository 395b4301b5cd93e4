package io.sheepdog.protocol.payload;

import java.time.Instant;

/**
 * A point in time as the wire and the inodes carry it: unix seconds in the upper 32 bits,
 * nanoseconds in the lower. Real peers fill in microseconds times 1000.
 *
 * @param wire the u64
 */
public record SheepTime(long wire) implements Comparable<SheepTime> {
  /** No time: 0. */
  public static final SheepTime NONE = new SheepTime(0);

  private static final int SECONDS_SHIFT = 32;
  private static final long MAX_SECONDS = 0xffffffffL;

  /**
   * The wire form.
   *
   * @throws IllegalArgumentException before 1970 or after 2106
   */
  public static SheepTime of(Instant instant) {
    long seconds = instant.getEpochSecond();
    if (seconds < 0 || seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(instant + " does not fit 32 bits of unix seconds");
    }
    return new SheepTime(seconds << SECONDS_SHIFT | instant.getNano());
  }

  /** Whether this is {@link #NONE}. */
  public boolean isNone() {
    return wire == 0;
  }

  /** Unix seconds, 0..2^32-1. */
  public long seconds() {
    return wire >>> SECONDS_SHIFT;
  }

  /** The lower half, 0..2^32-1; less than 10^9 unless the sender is broken. */
  public long nanos() {
    return wire & MAX_SECONDS;
  }

  /** The same point in time. */
  public Instant toInstant() {
    return Instant.ofEpochSecond(seconds(), nanos());
  }

  /** Earlier to later. */
  @Override
  public int compareTo(SheepTime other) {
    return Long.compareUnsigned(wire, other.wire);
  }

  /** ISO 8601 in UTC, or "none". */
  @Override
  public String toString() {
    return isNone() ? "none" : toInstant().toString();
  }
}
