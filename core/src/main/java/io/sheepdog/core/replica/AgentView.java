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

/** The real view. */
record AgentView(ClusterAgent agent) implements ClusterView {
  @Override
  public ClusterState state() {
    return agent.state();
  }

  @Override
  public boolean isSelf(NodeAddress address) {
    return agent.synced() && agent.self().node().address().equals(address);
  }

  @Override
  public long incarnation() {
    return agent.synced() ? agent.self().incarnation() : 0;
  }

  @Override
  public Epoch servingEpoch() {
    return agent.servingEpoch();
  }

  @Override
  public Ring ring(Epoch epoch) {
    return agent.ring(epoch);
  }

  @Override
  public void whenEpochServed(Epoch atLeast, Runnable action) {
    agent.whenEpochServed(atLeast, action);
  }

  @Override
  public void addListener(StateListener listener) {
    agent.addListener(listener);
  }

  @Override
  public CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent) {
    return agent.proposeAndConfirm(event, extent);
  }
}
