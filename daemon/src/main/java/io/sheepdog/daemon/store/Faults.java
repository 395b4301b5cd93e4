package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.NoSuchFileException;

/**
 * Turns exceptions of the file system into statuses and log events. Belongs to one stripe; a full
 * disk is reported once until a write succeeds again, other errors at most once a second with the
 * number of those left out.
 */
final class Faults {
  private static final long QUIET_NANOS = 1_000_000_000L;

  /**
   * Below this many free bytes a write error counts as a full disk, whatever language the message
   * is in.
   */
  private static final long NEARLY_FULL = 1 << 20;

  private final FileStore fileSystem;
  private boolean fullReported;
  private boolean failureReported;
  private long lastFailure;
  private long suppressed;

  Faults(FileStore fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** Something was written: the next full disk is news. */
  void wrote() {
    fullReported = false;
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
    if (isFull(e)) {
      if (!fullReported) {
        fullReported = true;
        StoreEvent.NO_SPACE.log(
            "operation={} object={} error=\"{}\"", operation, subject, e.toString());
      }
      return StoreStatus.NO_SPACE;
    }
    failed(StoreEvent.IO_FAILED, operation, subject, e);
    return StoreStatus.IO_ERROR;
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

  private boolean isFull(IOException e) {
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
