package io.sheepdog.daemon.store;

import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ExecutorContractLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A store on a core loop of its own. */
final class OpenedStore implements AutoCloseable {
  final Path directory;
  final ContractLoop loop;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final StoreOptions options;
  private Disk disk;
  private FileStore store;

  OpenedStore(Path directory) {
    this(directory, StoreOptions.defaults(), Disk.real(false));
  }

  OpenedStore(Path directory, StoreOptions options, Disk disk) {
    this.directory = directory;
    this.options = options;
    this.disk = disk;
    loop = new ExecutorContractLoop(executor, Duration.ofSeconds(20));
    store = open();
  }

  private FileStore open() {
    try {
      return FileStore.open(directory, options, executor, disk);
    } catch (StoreOpenException e) {
      throw new AssertionError(e);
    }
  }

  FileStore store() {
    return store;
  }

  void reopen() {
    reopen(disk);
  }

  void reopen(Disk newDisk) {
    closeStore();
    disk = newDisk;
    store = open();
  }

  void openStore() {
    store = open();
  }

  void closeStore() {
    try {
      store.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeStore();
    executor.shutdown();
  }
}
