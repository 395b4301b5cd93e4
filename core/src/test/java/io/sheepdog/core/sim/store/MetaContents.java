package io.sheepdog.core.sim.store;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.protocol.id.Epoch;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a {@link MemoryMetaStore} keeps; outlives the process that uses it. */
public final class MetaContents {
  final long storeId;
  long announcedSpace;
  final NavigableMap<Epoch, EpochRecord> epochs = new TreeMap<>();
  @Nullable ClusterConfig config;
  RecoveryMark recovery = RecoveryMark.NONE;
  boolean cleanShutdown;

  /**
   * A new store.
   *
   * @param storeId not 0
   * @param announcedSpace bytes
   */
  public MetaContents(long storeId, long announcedSpace) {
    this.storeId = storeId;
    this.announcedSpace = announcedSpace;
  }

  /** What the node of this store weighs. */
  public long announcedSpace() {
    return announcedSpace;
  }
}
