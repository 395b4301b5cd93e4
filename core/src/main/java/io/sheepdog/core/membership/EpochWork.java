package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings this node's disk to where the state is, one step after the other: format wipes the store,
 * displaced objects are set aside, configuration and epochs are logged. A failing disk ends the
 * membership. An epoch that is logged is served once it is committed, too (package lease).
 */
final class EpochWork {
  private final MetaStore meta;
  private final ObjectStore objects;
  private final Displacement displacement;
  private final Runnable onProgress;
  private final Predicate<Epoch> isCommitted;
  private final DiskLoss loss;
  private final NodeCallbacks callbacks;
  private final Consumer<NodeFailure> onFailure;
  private final List<Parked> parked = new ArrayList<>();

  private @Nullable ClusterState wanted;
  private boolean formatWanted;
  private boolean busy;
  private boolean ended;
  private boolean shutdownDone;
  private Epoch logged = Epoch.ZERO;
  private Epoch serving = Epoch.ZERO;

  /** The last epoch of which this store's copies are current. */
  private Epoch current;

  private record Parked(Epoch atLeast, Runnable task) {}

  EpochWork(
      MetaStore meta,
      ObjectStore objects,
      Displacement displacement,
      NodeCallbacks callbacks,
      Consumer<NodeFailure> onFailure,
      Predicate<Epoch> isCommitted,
      DiskLoss loss,
      Runnable onProgress) {
    this.meta = meta;
    this.objects = objects;
    this.displacement = displacement;
    this.callbacks = callbacks;
    this.onFailure = onFailure;
    this.isCommitted = isCommitted;
    this.loss = loss;
    this.onProgress = onProgress;
    List<EpochRecord> known = meta.epochs();
    this.current = known.isEmpty() ? Epoch.ZERO : known.get(known.size() - 1).epoch();
  }

  Epoch serving() {
    return serving;
  }

  /** Whether everything that this state asks for is on disk. */
  boolean isSettled(ClusterState state) {
    return state.status() != ClusterStatus.RUNNING || logged.equals(state.epoch());
  }

  void whenServed(Epoch atLeast, Runnable task) {
    if (ended || serving.compareTo(atLeast) >= 0) {
      task.run();
    } else {
      parked.add(new Parked(atLeast, task));
    }
  }

  /** A format was applied: nothing of before is served any more. */
  void format() {
    formatWanted = true;
    logged = Epoch.ZERO;
    serving = Epoch.ZERO;
  }

  /** This state is to be brought to disk. */
  void bring(ClusterState state) {
    wanted = state;
    next();
  }

  /** The membership has ended: what was parked runs and finds out. */
  void end() {
    ended = true;
    List<Parked> tasks = List.copyOf(parked);
    parked.clear();
    tasks.forEach(one -> one.task().run());
  }

  private void next() {
    ClusterState target = wanted;
    if (busy || ended || target == null) {
      return;
    }
    wanted = null;
    busy = true;
    CompletionStage<StoreStatus> work =
        switch (target.status()) {
          case RUNNING -> run(target);
          case SHUTDOWN -> shutdown(target);
          case WAIT_FORMAT, WAIT_JOIN, STARTING -> ok();
        };
    work.whenComplete(
        (status, failure) -> {
          busy = false;
          if (failure == null && status == StoreStatus.OK) {
            done(target);
          } else if (loss.isComing(target)) {
            // what is asked of this node in the epoch that begins with it needs no disk
            next();
          } else {
            fail(target, failure == null ? status.toString() : failure.toString());
          }
        });
  }

  private void done(ClusterState target) {
    if (ended) {
      return;
    }
    if (target.status() == ClusterStatus.RUNNING && !formatWanted) {
      logged = target.epoch();
      if (!loss.hasHappened(target)) {
        current = logged;
      }
    }
    onProgress.run();
    if (target.status() == ClusterStatus.SHUTDOWN && !shutdownDone) {
      shutdownDone = true;
      callbacks.onShutdown();
    }
    next();
  }

  /** Serves the epoch that is logged, once it is the newest and committed. */
  void serve() {
    if (ended || logged.equals(serving) || !isCommitted.test(logged)) {
      return;
    }
    serving = logged;
    for (Parked one : List.copyOf(parked)) {
      if (serving.compareTo(one.atLeast()) >= 0 && parked.remove(one)) {
        one.task().run();
      }
    }
    onProgress.run();
  }

  private void fail(ClusterState target, String why) {
    if (!ended) {
      onFailure.accept(
          new NodeFailure(
              NodeFailure.Cause.DISK,
              "The store could not be brought to epoch "
                  + target.epoch()
                  + " ("
                  + why
                  + "); this node leaves the cluster. Check the disk and its free space, then start sheep again."));
    }
  }

  private CompletionStage<StoreStatus> run(ClusterState target) {
    CompletionStage<StoreStatus> stage = ok();
    if (loss.hasHappened(target)) {
      // the store stays as it was when it failed: one of a node that has been away since
      formatWanted = false;
      return stage;
    }
    if (formatWanted) {
      formatWanted = false;
      current = Epoch.ZERO;
      stage = then(then(stage, objects::wipe), meta::clearEpochs);
    } else {
      stage = then(stage, () -> displacement.run(target, current));
    }
    ClusterConfig config = target.config();
    if (config != null) {
      stage = then(stage, () -> saveConfig(config, false));
    }
    return then(then(stage, () -> saveWeight(target)), () -> saveEpochs(target));
  }

  /** A node that starts again announces what it weighed last, unless it is to hold nothing. */
  private CompletionStage<StoreStatus> saveWeight(ClusterState target) {
    EpochRecord newest = target.newestEpoch();
    if (newest != null) {
      for (EpochNode node : newest.nodes()) {
        long space = node.node().space();
        if (node.storeId() == meta.storeId() && space > 0 && space != meta.announcedSpace()) {
          return meta.saveSpace(space);
        }
      }
    }
    return ok();
  }

  private CompletionStage<StoreStatus> saveConfig(ClusterConfig config, boolean cleanShutdown) {
    boolean isSaved = config.equals(meta.config()) && meta.cleanShutdown() == cleanShutdown;
    return isSaved ? ok() : meta.saveConfig(config, cleanShutdown);
  }

  /**
   * Logs what is not logged yet, oldest first, so that the newest log is there only when all are.
   */
  private CompletionStage<StoreStatus> saveEpochs(ClusterState target) {
    Map<Epoch, EpochRecord> saved = new HashMap<>();
    meta.epochs().forEach(record -> saved.put(record.epoch(), record));
    CompletionStage<StoreStatus> stage = ok();
    for (EpochRecord record : target.history()) {
      if (!record.equals(saved.get(record.epoch()))) {
        stage = then(stage, () -> meta.saveEpoch(record));
      }
    }
    return stage;
  }

  private CompletionStage<StoreStatus> shutdown(ClusterState target) {
    ClusterConfig config = target.config();
    return config == null || loss.hasHappened(target) ? ok() : saveConfig(config, true);
  }

  private static CompletionStage<StoreStatus> ok() {
    return CompletableFuture.completedFuture(StoreStatus.OK);
  }

  private static CompletionStage<StoreStatus> then(
      CompletionStage<StoreStatus> before, Supplier<CompletionStage<StoreStatus>> step) {
    return before.thenCompose(
        status ->
            status == StoreStatus.OK ? step.get() : CompletableFuture.completedFuture(status));
  }
}
