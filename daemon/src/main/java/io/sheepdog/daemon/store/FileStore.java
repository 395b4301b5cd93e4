package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An open store: the directory that a sheep keeps its objects in.
 *
 * <p>{@link #open} and {@link #close} block and are called by the thread that starts and stops the
 * daemon; everything else is called on the core loop. While it is open no other process can open
 * it.
 */
public final class FileStore implements AutoCloseable {
  private final Parts parts;
  private boolean closed;

  private FileStore(Parts parts) {
    this.parts = parts;
  }

  /**
   * Opens the store in {@code directory}; an empty or missing directory becomes one.
   *
   * @param coreLoop runs completions, one at a time, in order
   * @throws StoreOpenException with a sentence for the operator; the directory is as it was
   */
  public static FileStore open(Path directory, StoreOptions options, Executor coreLoop)
      throws StoreOpenException {
    return open(directory, options, coreLoop, Disk.real(options.nosync()));
  }

  static FileStore open(Path directory, StoreOptions options, Executor coreLoop, Disk disk)
      throws StoreOpenException {
    StoreLayout layout = new StoreLayout(directory.toAbsolutePath().normalize());
    StorePreparation preparation = new StorePreparation(disk, layout);
    StoreLock lock = preparation.prepare();
    try {
      return new StoreAssembly(layout, options, coreLoop, disk, lock).assemble();
    } catch (StoreOpenException e) {
      preparation.undo(e);
      throw e;
    } catch (IOException e) {
      preparation.undo(e);
      throw new StoreOpenException(
          StoreOpenException.Reason.DISK_ERROR,
          layout.root() + " cannot be opened: " + e + "; look at the disk and the kernel log",
          e);
    }
  }

  /** What {@link StoreAssembly} puts together. */
  record Parts(
      StoreLayout layout,
      StoreLock lock,
      Ballast ballast,
      DirtyLog dirtyLog,
      Stripes stripes,
      ExecutorService background,
      Backlog backlog,
      FileObjectStore objects,
      FileMetaStore meta) {
    FileStore start() {
      stripes.start();
      return new FileStore(this);
    }
  }

  /** The objects. */
  public ObjectStore objects() {
    return parts.objects();
  }

  /** Identity, cluster configuration and epoch logs. */
  public MetaStore meta() {
    return parts.meta();
  }

  /**
   * Whether so much is waiting for the disk that no more requests should be read from sockets. Core
   * loop only.
   */
  public boolean congested() {
    return parts.backlog().congested();
  }

  /** Sets who is told when {@link #congested} changes, on the core loop. There is one listener. */
  public void onCongestion(Consumer<Boolean> listener) {
    parts.backlog().onChange(listener);
  }

  /**
   * Carries out what was submitted, syncs it, and gives the directory free. Blocks; completions are
   * still posted to the core loop, so that is shut down afterwards. Later submissions answer
   * IO_ERROR.
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    parts.stripes().close();
    parts.background().shutdown();
    awaitBackground();
    try {
      parts.dirtyLog().close();
      parts.ballast().close();
    } finally {
      parts.lock().close();
    }
    StoreEvent.STORE_CLOSED.log("path={}", parts.layout().root());
  }

  private void awaitBackground() throws IOException {
    try {
      while (!parts.background().awaitTermination(1, TimeUnit.SECONDS)) {
        StoreEvent.IO_FAILED.log(
            "operation=close path={} error=\"still busy\"", parts.layout().root());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while closing " + parts.layout().root(), e);
    }
  }
}
