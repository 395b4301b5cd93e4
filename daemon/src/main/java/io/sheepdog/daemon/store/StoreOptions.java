package io.sheepdog.daemon.store;

/**
 * How a store works its disk.
 *
 * @param nosync {@code sheep -n}: nothing is ever fsynced; a power loss may cost what it likes
 * @param stripes number of threads that do file system calls, 1..64
 * @param openFiles object files kept open, over all stripes; at least one per stripe
 * @param queueOperations operations accepted and not completed from which on the store says that it
 *     is congested; from four times as many on it refuses more with {@code IO_ERROR}
 * @param queueBytes the same in bytes of payload and of reads
 */
public record StoreOptions(
    boolean nosync, int stripes, int openFiles, int queueOperations, long queueBytes) {
  private static final int MAX_STRIPES = 64;

  public StoreOptions {
    if (stripes < 1 || stripes > MAX_STRIPES) {
      throw new IllegalArgumentException(
          "stripes=" + stripes + " is out of range; 1 to " + MAX_STRIPES + " are allowed");
    }
    if (openFiles < stripes || queueOperations < 1 || queueBytes < 1) {
      throw new IllegalArgumentException(
          "a store needs at least one open file per stripe and room for one operation: openFiles="
              + openFiles
              + " queueOperations="
              + queueOperations
              + " queueBytes="
              + queueBytes);
    }
  }

  /** Syncing, 8 stripes, 1024 open files, congested from 1024 operations or 64 MiB on. */
  public static StoreOptions defaults() {
    return new StoreOptions(false, 8, 1024, 1024, 64L << 20);
  }

  /** The same with another choice of {@link #nosync}. */
  public StoreOptions withNosync(boolean value) {
    return new StoreOptions(value, stripes, openFiles, queueOperations, queueBytes);
  }
}
