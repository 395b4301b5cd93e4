package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ObjectStore;

/**
 * Takes this node's disk out of service once it has failed: the others make its copies anew, and
 * the node goes on as a gateway, for its clients' sake.
 *
 * <p>From then on the node keeps its epoch log in memory only, and its store stays as it was, like
 * that of a node that has been away since. That does not weaken R1: every epoch is on the disks of
 * all nodes that hold objects in it.
 */
final class DiskLoss {
  private final ObjectStore objects;
  private final ClusterAgent agent;
  private final Proposals proposals;
  private final NodeCallbacks callbacks;
  private boolean proposed;
  private boolean told;

  DiskLoss(ObjectStore objects, ClusterAgent agent, Proposals proposals, NodeCallbacks callbacks) {
    this.objects = objects;
    this.agent = agent;
    this.proposals = proposals;
    this.callbacks = callbacks;
    objects.onFailure(this::look);
  }

  /** Something happened: tells the others of the failure, if there is one and they can go on. */
  void look() {
    ClusterState state = agent.state();
    Member self = agent.presented();
    if (self == null || self.node().space() == 0 || !agent.synced() || proposed) {
      return;
    }
    if (objects.failure() == null || state.status() != ClusterStatus.RUNNING) {
      return;
    }
    boolean others = state.isStoredElsewhere(self.node().address());
    if (!told) {
      told = true;
      callbacks.onWarning(others ? leaving() : staying());
    }
    if (others) {
      proposed = true;
      proposals
          .send(new DiskLost())
          .thenAccept(
              applied -> {
                proposed = false;
                told = false;
              });
    }
  }

  private String leaving() {
    return "the disk of this node has failed ("
        + objects.failure()
        + "): the node goes on as a gateway, and the other nodes make its copies anew; look at the"
        + " kernel log, replace the disk, and start sheep again with an empty directory on the new"
        + " one";
  }

  private String staying() {
    return "the disk of this node has failed ("
        + objects.failure()
        + ") and no other node holds objects: what can still be read is served, every change gets"
        + " an I/O error; let a node with another disk join, or save what can be read";
  }

  /** Whether this node is without a store in that state because its disk has failed. */
  boolean hasHappened(ClusterState state) {
    return isWithoutStore(state) && objects.failure() != null;
  }

  /** Whether the disk has failed and the others will be told, or were. */
  boolean isComing(ClusterState state) {
    Member self = agent.presentedIn(state);
    return objects.failure() != null
        && self != null
        && state.status() == ClusterStatus.RUNNING
        && (self.node().space() == 0 || state.isStoredElsewhere(self.node().address()));
  }

  private boolean isWithoutStore(ClusterState state) {
    Member self = agent.presentedIn(state);
    return self != null && self.node().space() == 0;
  }
}
