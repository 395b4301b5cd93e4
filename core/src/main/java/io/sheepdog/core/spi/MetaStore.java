package io.sheepdog.core.spi;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The few facts a node keeps beside its objects: identity, cluster configuration, epoch log. All
 * writes are durable.
 */
public interface MetaStore {
  /** Random identity of this store (R2), made when the store was first opened. Never zero. */
  long storeId();

  /**
   * Configuration of the cluster this store belongs to; null when it never took part in a format.
   */
  @Nullable ClusterConfig config();

  /** Whether the last stop was a {@code cluster shutdown}. */
  boolean cleanShutdown();

  /** The epoch logs that are here, ascending. */
  List<EpochRecord> epochs();

  /**
   * The node's weight in the ring: the capacity in bytes that this store had when it was first
   * opened, or when it was weighed last.
   */
  long announcedSpace();

  /** Writes the weight that the node announces from its next start on; above 0. */
  CompletionStage<StoreStatus> saveSpace(long bytes);

  /** How far recovery had come when {@link #saveRecovery} was called last. */
  RecoveryMark recovery();

  /** Writes how far recovery has come. */
  CompletionStage<StoreStatus> saveRecovery(RecoveryMark mark);

  /** Writes the configuration and the clean-shutdown mark atomically. */
  CompletionStage<StoreStatus> saveConfig(ClusterConfig config, boolean cleanShutdown);

  /** Logs an epoch; fsynced when the stage completes (before the node serves in that epoch). */
  CompletionStage<StoreStatus> saveEpoch(EpochRecord epoch);

  /** Removes all epoch logs, and forgets how far recovery had come (format). */
  CompletionStage<StoreStatus> clearEpochs();
}
