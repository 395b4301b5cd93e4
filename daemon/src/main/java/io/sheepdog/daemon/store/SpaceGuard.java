package io.sheepdog.daemon.store;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Keeps a reserve of the file system free of new objects, for what must work on a full disk too:
 * deleting, and the store's own records. Says once when the disk is nearly full, and once when the
 * reserve is reached.
 *
 * <p>What is free is measured at most once a second, and before a creation that could reach the
 * reserve by what was written since: far from it nobody measures for each object. Near it every
 * creation does; it syncs twice, so that is not what it costs. Thread-safe; called on the stripes'
 * threads.
 */
final class SpaceGuard {
  private static final long MAX_AGE_NANOS = 1_000_000_000L;
  private static final int WARN_PERCENT = 85;

  /** A level is left only when so many percent more are free, so that it is not crossed all day. */
  private static final int MARGIN_PERCENT = 2;

  private static final long PART_RESERVED = 20;
  private static final long MOST_RESERVED = 4L << 30;
  private static final long LEAST_RESERVED = 4L << 20;
  private static final long TINY_PART_RESERVED = 8;

  /** What is free when measured. */
  interface Meter {
    Reading read() throws IOException;
  }

  /**
   * What a file system says, as its ordinary users see it.
   *
   * @param total bytes
   * @param free bytes
   */
  record Reading(long total, long free) {
    static Reading of(java.nio.file.FileStore fileSystem) throws IOException {
      long free = fileSystem.getUsableSpace();
      long kept = fileSystem.getUnallocatedSpace() - free;
      return new Reading(fileSystem.getTotalSpace() - kept, free);
    }

    long usedPercent() {
      return total == 0 ? 100 : 100 - free * 100 / total;
    }
  }

  private enum Level {
    ROOMY,
    LOW,
    RESERVED
  }

  private final Meter meter;
  private final LongSupplier nanos;
  private final Ballast.Record whenRoomy;
  private Reading reading;
  private long measuredAt;
  private long createdSince;
  private long writtenSince;
  private Level level = Level.ROOMY;

  /**
   * @param nanos monotonic clock
   * @param whenRoomy done after a measurement that found enough room for it
   */
  SpaceGuard(Meter meter, LongSupplier nanos, Ballast.Record whenRoomy) throws IOException {
    this.meter = meter;
    this.nanos = nanos;
    this.whenRoomy = whenRoomy;
    this.reading = meter.read();
    measure();
  }

  /**
   * Bytes kept free of new objects: 5 %, at most 4 GiB; at least 4 MiB, but no more than an eighth
   * of a tiny disk.
   */
  static long reserveOf(long total) {
    long least = Math.min(LEAST_RESERVED, total / TINY_PART_RESERVED);
    return Math.max(Math.min(total / PART_RESERVED, MOST_RESERVED), least);
  }

  /** Whether a new object that begins with so many bytes may be created; counts it if so. */
  synchronized boolean admits(int bytes) {
    long reserve = reserveOf(reading.total());
    if (isOld() || left() - bytes - writtenSince < 2 * reserve) {
      measure();
    }
    if (left() < reserve) {
      return false;
    }
    createdSince += bytes;
    return true;
  }

  /** So many bytes went into an object that was there: into a hole of it, or not. */
  synchronized void wrote(int bytes) {
    writtenSince += bytes;
  }

  /** Something was written or removed: looks whether that crossed a level, if it is time to. */
  synchronized void look() {
    if (isOld()) {
      measure();
    }
  }

  private boolean isOld() {
    return nanos.getAsLong() - measuredAt > MAX_AGE_NANOS;
  }

  private long left() {
    return reading.free() - createdSince;
  }

  private void measure() {
    try {
      reading = meter.read();
      createdSince = 0;
      writtenSince = 0;
      measuredAt = nanos.getAsLong();
      Level before = level;
      level = levelOf(reading);
      report(before);
      if (level != Level.RESERVED) {
        whenRoomy.write();
      }
    } catch (IOException e) {
      StoreEvent.IO_FAILED.log("operation=space error=\"{}\"", e.toString());
      measuredAt = nanos.getAsLong();
    }
  }

  private Level levelOf(Reading now) {
    long reserve = reserveOf(now.total());
    long margin = now.total() * MARGIN_PERCENT / 100;
    if (now.free() < reserve || (level == Level.RESERVED && now.free() < reserve + margin)) {
      return Level.RESERVED;
    }
    long low = now.total() - now.total() * WARN_PERCENT / 100;
    return now.free() < low || (level == Level.LOW && now.free() < low + margin)
        ? Level.LOW
        : Level.ROOMY;
  }

  private void report(Level before) {
    if (level == before) {
      return;
    }
    StoreEvent event =
        switch (level) {
          case ROOMY -> StoreEvent.SPACE_FREED;
          case LOW -> before == Level.ROOMY ? StoreEvent.SPACE_LOW : StoreEvent.SPACE_FREED;
          case RESERVED -> StoreEvent.SPACE_RESERVED;
        };
    event.log(
        "used={}% free={} reserve={} advice=\"{}\"",
        reading.usedPercent(),
        reading.free(),
        reserveOf(reading.total()),
        switch (event) {
          case SPACE_LOW ->
              "delete VDIs, add nodes or a larger disk before new objects are refused";
          case SPACE_RESERVED -> "new objects are refused: delete VDIs, add nodes or a larger disk";
          default -> "none needed";
        });
  }
}
