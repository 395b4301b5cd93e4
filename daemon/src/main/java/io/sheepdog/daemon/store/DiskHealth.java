package io.sheepdog.daemon.store;

import io.sheepdog.nativebindings.libc.ErrorTexts;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Whether the disk of a store works. The first error that is the disk's own ends that for good: it
 * would not be the last, and what such a disk says it has written is not to be believed.
 * Thread-safe; told by the store's threads, and tells the core loop.
 */
final class DiskHealth {
  /**
   * Errors of a disk or of a file system that has found itself damaged: EIO, ENXIO, ENODEV, EROFS,
   * EBADMSG, EUCLEAN, EREMOTEIO. Not those of a single file, of a lack of room or of handles.
   */
  private static final int[] ERRORS = {5, 6, 19, 30, 74, 117, 121};

  private final Executor coreLoop;
  private @Nullable List<String> texts;
  private volatile @Nullable String failure;
  private Runnable listener = () -> {};

  /**
   * @param coreLoop where the listener is told
   */
  DiskHealth(Executor coreLoop) {
    this.coreLoop = coreLoop;
  }

  /** Why the disk is not used any more, null while it is. */
  @Nullable String failure() {
    return failure;
  }

  /** Sets who is told; core loop only. */
  void onFailure(Runnable newListener) {
    listener = newListener;
  }

  /** Whether an error is the disk's own. */
  synchronized boolean isOfTheDisk(IOException e) {
    List<String> known = texts;
    if (known == null) {
      known = ErrorTexts.of(ERRORS);
      texts = known;
    }
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (known.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }

  /** The disk has failed; only the first time counts. */
  void failed(String operation, Object subject, Throwable cause) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = operation + " of " + subject + ": " + cause;
    }
    StoreEvent.DISK_FAILED.log(
        "operation={} object={} error=\"{}\" advice=\"look at the kernel log, replace the disk,"
            + " start sheep again with an empty directory on the new one\"",
        operation,
        subject,
        cause.toString());
    coreLoop.execute(() -> listener.run());
  }
}
