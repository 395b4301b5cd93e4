package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.NoSuchFileException;

/**
 * Turns exceptions of the file system into statuses and log events. Belongs to one stripe; a full
 * disk is reported at most once a minute, other errors at most once a second with the number of
 * those left out.
 */
final class Faults {
  private static final long QUIET_NANOS = 1_000_000_000L;
  private static final long QUIET_NANOS_WHEN_FULL = 60 * QUIET_NANOS;

  /**
   * Below this many free bytes a write error counts as a full disk, whatever language the message
   * is in.
   */
  private static final long NEARLY_FULL = 1 << 20;

  private final FileStore fileSystem;
  private final DiskHealth health;
  private boolean fullReported;
  private long lastFull;
  private boolean failureReported;
  private long lastFailure;
  private long suppressed;

  Faults(FileStore fileSystem, DiskHealth health) {
    this.fileSystem = fileSystem;
    this.health = health;
  }

  /** What a failed operation answers; logs it. */
  StoreStatus statusOf(String operation, Object subject, IOException e) {
    if (e instanceof NoSuchFileException) {
      return StoreStatus.NO_OBJECT;
    }
    if (e instanceof CheckedText.FormatException) {
      failed(StoreEvent.ATTRIBUTES_DAMAGED, operation, subject, e);
      return StoreStatus.IO_ERROR;
    }
    if (health.isOfTheDisk(e)) {
      failed(StoreEvent.IO_FAILED, operation, subject, e);
      health.failed(operation, subject, e);
      return StoreStatus.IO_ERROR;
    }
    if (isFull(fileSystem, e)) {
      long now = System.nanoTime();
      if (!fullReported || now - lastFull > QUIET_NANOS_WHEN_FULL) {
        fullReported = true;
        lastFull = now;
        StoreEvent.NO_SPACE.log(
            "operation={} object={} error=\"{}\"", operation, subject, e.toString());
      }
      return StoreStatus.NO_SPACE;
    }
    failed(StoreEvent.IO_FAILED, operation, subject, e);
    return StoreStatus.IO_ERROR;
  }

  /** A sync failed: whatever the reason, data that was accepted is lost. */
  void syncFailed(String operation, Object subject, IOException e) {
    failed(StoreEvent.SYNC_FAILED, operation, subject, e);
    health.failed(operation, subject, e);
  }

  /** Whether the disk has failed: then nothing is to be changed on it any more. */
  boolean isOver() {
    return health.failure() != null;
  }

  /** The store itself has failed. */
  void broken(String subject, RuntimeException bug) {
    health.failed("work", subject, bug);
  }

  /** Logs a failure. */
  void failed(StoreEvent event, String operation, Object subject, IOException e) {
    long now = System.nanoTime();
    if (failureReported && now - lastFailure < QUIET_NANOS) {
      suppressed++;
      return;
    }
    event.log(
        "operation={} object={} error=\"{}\" suppressed={}",
        operation,
        subject,
        e.toString(),
        suppressed);
    failureReported = true;
    lastFailure = now;
    suppressed = 0;
  }

  /** Whether an operation failed because the file system has no room. */
  static boolean isFull(FileStore fileSystem, IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
      return true;
    }
    // The text is in the operator's language; EIO on a full disk is the rarer case.
    try {
      return fileSystem.getUsableSpace() < NEARLY_FULL;
    } catch (IOException unknown) {
      e.addSuppressed(unknown);
      return false;
    }
  }
}
