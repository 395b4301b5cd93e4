package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreSpace;
import java.io.IOException;
import java.nio.file.FileStore;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Capacity of the store, refreshed in the background at most once a second. What objects use is
 * what the file system has less than when the store was made: exact on a file system of its own; on
 * a shared one the growth of everything else is counted too.
 */
final class SpaceGauge {
  private static final long MAX_AGE_NANOS = Duration.ofSeconds(1).toNanos();

  private final FileStore fileSystem;
  private final long announced;
  private final Executor background;
  private final Executor coreLoop;
  private StoreSpace latest;
  private long measuredAt = System.nanoTime();
  private boolean refreshing;

  SpaceGauge(FileStore fileSystem, long announced, Executor background, Executor coreLoop)
      throws IOException {
    this.fileSystem = fileSystem;
    this.announced = announced;
    this.background = background;
    this.coreLoop = coreLoop;
    this.latest = measure();
  }

  /** The latest figures. Core loop only. */
  StoreSpace now() {
    if (!refreshing && System.nanoTime() - measuredAt > MAX_AGE_NANOS) {
      try {
        background.execute(this::refresh);
        refreshing = true;
      } catch (RejectedExecutionException closed) {
        return latest;
      }
    }
    return latest;
  }

  private void refresh() {
    try {
      StoreSpace measured = measure();
      coreLoop.execute(() -> refreshed(measured));
    } catch (IOException e) {
      StoreEvent.IO_FAILED.log("operation=space error=\"{}\"", e.toString());
      coreLoop.execute(() -> refreshed(latest));
    }
  }

  private void refreshed(StoreSpace measured) {
    refreshing = false;
    measuredAt = System.nanoTime();
    latest = measured;
  }

  private StoreSpace measure() throws IOException {
    long free = fileSystem.getUsableSpace();
    long used = Math.max(0, announced - free);
    return new StoreSpace(free + used, free, used);
  }
}
