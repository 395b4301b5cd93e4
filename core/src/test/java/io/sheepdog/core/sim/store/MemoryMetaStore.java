package io.sheepdog.core.sim.store;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.StoreStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MetaStore} in memory: changes take effect, in order and durably, when their stage
 * completes.
 */
public final class MemoryMetaStore implements MetaStore {
  private final MetaContents contents;
  private final SimProcess process;
  private final RandomGenerator random;
  private final Delays delays;
  private CompletableFuture<StoreStatus> last = CompletableFuture.completedFuture(StoreStatus.OK);

  /** The parameters are as those of {@link MemoryObjectStore}. */
  public MemoryMetaStore(
      MetaContents contents, SimProcess process, RandomGenerator random, Delays delays) {
    this.contents = contents;
    this.process = process;
    this.random = random;
    this.delays = delays;
  }

  @Override
  public long storeId() {
    return contents.storeId;
  }

  @Override
  public @Nullable ClusterConfig config() {
    return contents.config;
  }

  @Override
  public boolean cleanShutdown() {
    return contents.cleanShutdown;
  }

  @Override
  public List<EpochRecord> epochs() {
    return List.copyOf(contents.epochs.values());
  }

  @Override
  public long announcedSpace() {
    return contents.announcedSpace;
  }

  @Override
  public CompletionStage<StoreStatus> saveSpace(long bytes) {
    return change(() -> contents.announcedSpace = bytes);
  }

  @Override
  public CompletionStage<StoreStatus> saveConfig(ClusterConfig config, boolean cleanShutdown) {
    return change(
        () -> {
          contents.config = config;
          contents.cleanShutdown = cleanShutdown;
        });
  }

  @Override
  public RecoveryMark recovery() {
    return contents.recovery;
  }

  @Override
  public CompletionStage<StoreStatus> saveRecovery(RecoveryMark mark) {
    return change(() -> contents.recovery = mark);
  }

  @Override
  public CompletionStage<StoreStatus> saveEpoch(EpochRecord epoch) {
    return change(() -> contents.epochs.put(epoch.epoch(), epoch));
  }

  @Override
  public CompletionStage<StoreStatus> clearEpochs() {
    return change(
        () -> {
          contents.epochs.clear();
          contents.recovery = RecoveryMark.NONE;
        });
  }

  private CompletionStage<StoreStatus> change(Runnable effect) {
    CompletableFuture<StoreStatus> result = new CompletableFuture<>();
    last.thenRun(
        () ->
            process.after(
                delays.draw(random),
                () -> {
                  effect.run();
                  result.complete(StoreStatus.OK);
                }));
    last = result;
    return result;
  }
}
