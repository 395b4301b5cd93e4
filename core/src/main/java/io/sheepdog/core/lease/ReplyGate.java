package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.spi.Scheduler;
import java.util.ArrayList;
import java.util.List;

/**
 * Where replies to clients wait for a valid lease, and for the epoch that this node knows of to be
 * served. What waits is bounded by what the server lets clients have under way.
 */
public final class ReplyGate {
  private final LeaseCluster cluster;
  private final GatewayLease lease;
  private final Scheduler scheduler;
  private final LeasePolicy policy;
  private List<Runnable> waiting = new ArrayList<>();

  ReplyGate(LeaseCluster cluster, GatewayLease lease, Scheduler scheduler, LeasePolicy policy) {
    this.cluster = cluster;
    this.lease = lease;
    this.scheduler = scheduler;
    this.policy = policy;
  }

  /**
   * Whether a reply may go out now. True in a cluster that does not run, which has errors to tell
   * only; never true in a running one once this node's membership has ended.
   */
  public boolean isOpen() {
    ClusterState state = cluster.state();
    return state.status() != ClusterStatus.RUNNING
        || !policy.repliesOnlyUnderLease()
        || (lease.isValid() && cluster.synced() && cluster.servingEpoch().equals(state.epoch()));
  }

  /**
   * Runs {@code task} when the gate has opened or this node's membership has ended, which the task
   * must look at: then nothing that was found out before may be told to anybody. Never runs it at
   * once, so that a daemon can cut its clients first.
   */
  public void whenOpen(Runnable task) {
    if (cluster.synced()) {
      waiting.add(task);
      lease.hurry();
    } else {
      scheduler.execute(task);
    }
  }

  /** Something has changed. */
  void look() {
    if (!waiting.isEmpty() && isOpen()) {
      release();
    }
  }

  /** The membership has ended. */
  void end() {
    scheduler.execute(this::release);
  }

  private void release() {
    List<Runnable> ready = waiting;
    waiting = new ArrayList<>();
    ready.forEach(Runnable::run);
  }
}
