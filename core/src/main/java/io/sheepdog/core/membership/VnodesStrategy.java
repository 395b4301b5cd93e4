package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether what a node is told of its virtual nodes goes with what its store knows of them. */
public final class VnodesStrategy {
  private VnodesStrategy() {}

  /**
   * The number of virtual nodes that this store's node had in the newest epoch it knows, in a
   * cluster in which numbers are fixed; 0 if there is none.
   */
  public static int lastFixed(MetaStore meta) {
    ClusterConfig config = meta.config();
    List<EpochRecord> epochs = meta.epochs();
    if (config == null || config.isAutomatic() || epochs.isEmpty()) {
      return 0;
    }
    for (EpochNode node : epochs.get(epochs.size() - 1).nodes()) {
      if (node.storeId() == meta.storeId()) {
        return node.node().vnodes();
      }
    }
    return 0;
  }

  /**
   * Why a node cannot start so on this store, with what to do; null if it can.
   *
   * @param announced the node; a gateway holds nothing in either kind of cluster
   */
  static @Nullable String mismatch(NodeEntry announced, MetaStore meta) {
    ClusterConfig config = meta.config();
    if (config == null || announced.space() == 0) {
      return null;
    }
    if (config.isAutomatic()) {
      return announced.vnodes() == 0 ? null : wordsFor("The cluster of this store", true);
    }
    int last = lastFixed(meta);
    if (announced.vnodes() == 0) {
      return wordsFor("The cluster of this store", false)
          + (last == 0 ? "" : ". It had " + last + " of them: sheep -V " + last);
    }
    return last == 0 || last == announced.vnodes()
        ? null
        : "This store's node had "
            + last
            + " virtual nodes in the last epoch it knows, and is to have "
            + announced.vnodes()
            + " now. Start sheep with -V "
            + last
            + "; 'node vnodes set N' changes the number while it runs";
  }

  /** Why a cluster of that kind does not take in a node of the other one, and what to do. */
  static String wordsFor(String cluster, boolean automatic) {
    return automatic
        ? cluster
            + " has numbers of virtual nodes by the sizes of the disks. Start sheep without -V"
        : cluster
            + " was formatted with fixed numbers of virtual nodes. Start sheep with -V N, which"
            + " stands for this node's share of the objects";
  }
}
