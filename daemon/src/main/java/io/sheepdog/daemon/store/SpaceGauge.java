package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.daemon.store.SpaceGuard.Reading;
import java.io.IOException;
import java.nio.file.FileStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Capacity of the store: what the file system has free is asked in the background, what objects use
 * is known. Core loop only.
 */
final class SpaceGauge {
  private final FileStore fileSystem;
  private final ObjectIndex index;
  private final Executor background;
  private final Executor coreLoop;
  private Reading reading;
  private @Nullable CompletableFuture<StoreSpace> measuring;

  SpaceGauge(FileStore fileSystem, ObjectIndex index, Executor background, Executor coreLoop)
      throws IOException {
    this.fileSystem = fileSystem;
    this.index = index;
    this.background = background;
    this.coreLoop = coreLoop;
    this.reading = Reading.of(fileSystem);
  }

  /** The figures of now; all who ask meanwhile share one look at the file system. */
  CompletionStage<StoreSpace> now() {
    if (measuring != null) {
      return measuring;
    }
    CompletableFuture<StoreSpace> answer = new CompletableFuture<>();
    try {
      background.execute(this::measure);
      measuring = answer;
    } catch (RejectedExecutionException closed) {
      answer.complete(space());
    }
    return answer;
  }

  private void measure() {
    try {
      Reading measured = Reading.of(fileSystem);
      coreLoop.execute(() -> measured(measured));
    } catch (IOException e) {
      StoreEvent.IO_FAILED.log("operation=space error=\"{}\"", e.toString());
      coreLoop.execute(() -> measured(reading));
    }
  }

  private void measured(Reading now) {
    reading = now;
    CompletableFuture<StoreSpace> answer = measuring;
    measuring = null;
    if (answer != null) {
      answer.complete(space());
    }
  }

  private StoreSpace space() {
    long used = index.bytes();
    long usable = reading.free() + used + index.asideBytes();
    return new StoreSpace(Math.min(usable, reading.total()), reading.free(), used, reading.total());
  }
}
