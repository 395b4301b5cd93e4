package io.sheepdog.core.replica;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.placement.Ring;
import java.util.concurrent.CompletionStage;

/** What object I/O needs to know of the cluster. */
public interface ClusterView {
  /** State after the last applied event. */
  ClusterState state();

  /** Whether that is the address of this node. */
  boolean isSelf(NodeAddress address);

  /** Number of this start of the daemon; 0 before it is a member. */
  long incarnation();

  /** The epoch this node serves in: logged durably; ZERO before format. */
  Epoch servingEpoch();

  /** Ring of an epoch that is in the history. */
  Ring ring(Epoch epoch);

  /** Runs {@code action} once this node serves in {@code atLeast} or a later epoch. */
  void whenEpochServed(Epoch atLeast, Runnable action);

  /** Calls {@code listener} after each applied event. */
  void addListener(StateListener listener);

  /**
   * Multicasts an event; completes once it is applied here and as far as {@code extent} says (R4).
   */
  CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent);

  /** The view that a node's agent gives. */
  static ClusterView of(ClusterAgent agent) {
    return new AgentView(agent);
  }
}
