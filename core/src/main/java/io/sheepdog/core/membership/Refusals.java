package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.ForcedStart;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.protocol.ResultCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says why a cluster does not take this node in, and what to do. */
final class Refusals {
  private Refusals() {}

  /** What is wrong with the store of a node that wants to start; null if nothing. */
  static @Nullable NodeFailure damage(MetaStore meta) {
    return meta.config() != null || meta.epochs().isEmpty()
        ? null
        : new NodeFailure(
            NodeFailure.Cause.DISK,
            "The store has epoch logs but no configuration: it is damaged. Restore its config, or start on an empty"
                + " directory; the other nodes hold copies of its objects");
  }

  static NodeFailure quorum(Outcome.QuorumLost lost) {
    return new NodeFailure(
        NodeFailure.Cause.QUORUM,
        "Of epoch "
            + lost.epoch()
            + " too many nodes are out of reach: "
            + lost.missing()
            + ". This side stops, because the other may go on; repair the network");
  }

  static NodeFailure eviction() {
    return new NodeFailure(
        NodeFailure.Cause.EVICTED,
        "This node did not answer the others for some seconds, and they went on without it: it stood still, or its"
            + " disk did");
  }

  static String evicted(Outcome.Evicted evicted) {
    return "The node "
        + evicted.address()
        + " has not answered most of the others for some seconds although its process lives: it is no member any more,"
        + " and can join again when it answers";
  }

  static String duplicate(LocalNode local) {
    return "Another sheep with the address "
        + local.entry().address()
        + " or with a copy of this store is a member already. Stop it first, or give this one an address and a store of its own";
  }

  static String text(
      ClusterState theirs, @Nullable ResultCode code, LocalNode local, MetaStore meta) {
    if (code == null) {
      return "The cluster does not take this node in";
    }
    return switch (code) {
      case INVALID_CTIME ->
          "This store belongs to another cluster: it was formatted at "
              + ctime(meta.config())
              + ", the cluster that is running at "
              + ctime(theirs.config())
              + ". Start sheep on an empty directory, or in the cluster that the store belongs to";
      case INVALID_EPOCH -> otherHistory(theirs, meta);
      case INVALID_VNODES_STRATEGY ->
          VnodesStrategy.wordsFor(
              "The cluster", theirs.config() == null || theirs.config().isAutomatic());
      case JOIN_FAILED -> duplicate(local);
      case SHUTDOWN -> "The cluster is shutting down. Start sheep again when that is done";
      default -> "The cluster does not take this node in: " + code.collieText();
    };
  }

  private static String otherHistory(ClusterState theirs, MetaStore meta) {
    ClusterConfig config = theirs.config();
    ClusterConfig own = meta.config();
    List<EpochRecord> epochs = meta.epochs();
    boolean isForked =
        config != null
            && own != null
            && !epochs.isEmpty()
            && !ForcedStart.isSameHistory(
                config.forced(),
                theirs.epoch(),
                own.forced(),
                epochs.get(epochs.size() - 1).epoch());
    if (isForked) {
      return "This store and the cluster went on without each other after a 'cluster recover force': what either has"
          + " acknowledged since, the other does not know. Nothing was changed; keep one of the two, and start sheep on an"
          + " empty directory in place of the other";
    }
    return "This store has seen epoch "
        + newest(meta.epochs())
        + ", the running cluster is at epoch "
        + theirs.epoch()
        + " only: nodes that went on without it are missing there. Nothing was changed; bring those nodes back, or start"
        + " sheep on an empty directory";
  }

  private static String ctime(@Nullable ClusterConfig config) {
    return config == null ? "no time" : config.ctime().toString();
  }

  private static String newest(List<EpochRecord> epochs) {
    return epochs.isEmpty() ? "none" : epochs.get(epochs.size() - 1).epoch().toString();
  }
}
