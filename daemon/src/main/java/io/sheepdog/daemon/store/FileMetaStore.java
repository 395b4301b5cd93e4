package io.sheepdog.daemon.store;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code config} and {@code epoch/}. Fields belong to the core loop, files to the background
 * thread.
 */
final class FileMetaStore implements MetaStore {
  private final Disk disk;
  private final StoreLayout layout;
  private final Faults faults;
  private final Ballast ballast;
  private final Executor background;
  private final Executor coreLoop;
  private final NavigableMap<Epoch, EpochRecord> epochs = new TreeMap<>();
  private StoreConfigFile.Content content;
  private StoreConfigFile.Content submitted;

  /**
   * @param background runs one task at a time, in order; a refused task answers IO_ERROR
   */
  FileMetaStore(
      Disk disk,
      StoreLayout layout,
      Ballast ballast,
      StoreConfigFile.Content content,
      List<EpochRecord> records,
      Executor background,
      Executor coreLoop,
      DiskHealth health)
      throws IOException {
    this.disk = disk;
    this.layout = layout;
    this.ballast = ballast;
    this.content = content;
    this.submitted = content;
    this.faults = new Faults(Files.getFileStore(layout.root()), health);
    this.background = background;
    this.coreLoop = coreLoop;
    records.forEach(epoch -> epochs.put(epoch.epoch(), epoch));
  }

  @Override
  public long storeId() {
    return content.storeId();
  }

  @Override
  public @Nullable ClusterConfig config() {
    return content.cluster();
  }

  @Override
  public boolean cleanShutdown() {
    return content.cleanShutdown();
  }

  @Override
  public List<EpochRecord> epochs() {
    return List.copyOf(epochs.values());
  }

  @Override
  public long announcedSpace() {
    return content.announcedSpace();
  }

  @Override
  public CompletionStage<StoreStatus> saveSpace(long bytes) {
    return replaceConfig(before -> before.withSpace(bytes));
  }

  @Override
  public CompletionStage<StoreStatus> saveConfig(ClusterConfig config, boolean cleanShutdown) {
    return replaceConfig(before -> before.withCluster(config, cleanShutdown));
  }

  @Override
  public RecoveryMark recovery() {
    return content.recovery();
  }

  @Override
  public CompletionStage<StoreStatus> saveRecovery(RecoveryMark mark) {
    return replaceConfig(before -> before.withRecovery(mark));
  }

  /** Changes that follow each other before the first is on disk build on each other. */
  private CompletionStage<StoreStatus> replaceConfig(
      UnaryOperator<StoreConfigFile.Content> change) {
    StoreConfigFile.Content changed = change.apply(submitted);
    submitted = changed;
    return run(
        "save-config",
        () -> StoreConfigFile.write(disk, layout.config(), changed),
        () -> content = changed);
  }

  @Override
  public CompletionStage<StoreStatus> saveEpoch(EpochRecord epoch) {
    return run(
        "save-epoch",
        () -> EpochFile.write(disk, layout.epoch(epoch.epoch()), epoch),
        () -> epochs.put(epoch.epoch(), epoch));
  }

  @Override
  public CompletionStage<StoreStatus> clearEpochs() {
    if (submitted.recovery().equals(RecoveryMark.NONE)) {
      return run("clear-epochs", this::deleteEpochs, epochs::clear);
    }
    // First: a mark that outlives its epochs would be taken for one of the next cluster's.
    CompletionStage<StoreStatus> forgotten = saveRecovery(RecoveryMark.NONE);
    return forgotten.thenCombine(clearEpochs(), (a, b) -> a == StoreStatus.OK ? b : a);
  }

  private void deleteEpochs() throws IOException {
    try (var files = Files.newDirectoryStream(layout.epochs())) {
      for (Path file : files) {
        if (StoreLayout.parseEpoch(file.getFileName().toString()).isPresent()) {
          disk.delete(file);
        }
      }
    }
    disk.syncDirectory(layout.epochs());
  }

  private CompletionStage<StoreStatus> run(
      String operation, Ballast.Record action, Runnable whenOk) {
    Ticket<StoreStatus> ticket =
        new Ticket<>(
            coreLoop,
            status -> {
              if (status == StoreStatus.OK) {
                whenOk.run();
              }
            },
            status -> {});
    try {
      background.execute(() -> ticket.answer(carryOut(operation, action)));
    } catch (RejectedExecutionException closed) {
      ticket.answer(StoreStatus.IO_ERROR);
    }
    return ticket.stage();
  }

  private StoreStatus carryOut(String operation, Ballast.Record action) {
    if (faults.isOver()) {
      return StoreStatus.IO_ERROR;
    }
    try {
      ballast.write(action);
      return StoreStatus.OK;
    } catch (IOException e) {
      StoreStatus status = faults.statusOf(operation, layout.root(), e);
      return status == StoreStatus.NO_OBJECT ? StoreStatus.IO_ERROR : status;
    }
  }
}
