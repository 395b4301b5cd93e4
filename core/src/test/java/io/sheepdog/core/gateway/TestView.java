package io.sheepdog.core.gateway;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A node's view of the cluster: the common state, and an epoch that it serves when it is told to.
 */
final class TestView implements ClusterView {
  private final TestCluster cluster;
  private final TestNode node;
  private final List<StateListener> listeners = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  final List<ClusterEvent> proposed = new ArrayList<>();
  private Epoch serving = Epoch.ZERO;

  /** Whether the node's membership has ended. */
  boolean hasLeft;

  private record Waiting(Epoch atLeast, Runnable action) {}

  TestView(TestCluster cluster, TestNode node) {
    this.cluster = cluster;
    this.node = node;
  }

  void serve(Epoch epoch) {
    serving = epoch;
    List<Waiting> ready = waiting.stream().filter(w -> w.atLeast().compareTo(epoch) <= 0).toList();
    waiting.removeAll(ready);
    ready.forEach(w -> w.action().run());
  }

  void applied(
      ClusterState before, ClusterState after, @Nullable ClusterEvent event, Outcome outcome) {
    List.copyOf(listeners).forEach(l -> l.applied(before, after, null, event, outcome));
  }

  @Override
  public ClusterState state() {
    return cluster.state();
  }

  @Override
  public boolean isSelf(NodeAddress address) {
    return !hasLeft && node.address.equals(address);
  }

  @Override
  public long incarnation() {
    return hasLeft ? 0 : node.incarnation;
  }

  @Override
  public Epoch servingEpoch() {
    return serving;
  }

  @Override
  public Ring ring(Epoch epoch) {
    EpochRecord record = cluster.state().epochRecord(epoch);
    return Ring.of(
        record == null
            ? List.of()
            : record.nodes().stream()
                .map(n -> new RingNode(n.node().address(), n.node().vnodes(), n.node().zone()))
                .toList());
  }

  @Override
  public void whenEpochServed(Epoch atLeast, Runnable action) {
    if (serving.compareTo(atLeast) >= 0) {
      action.run();
    } else {
      waiting.add(new Waiting(atLeast, action));
    }
  }

  @Override
  public void addListener(StateListener listener) {
    listeners.add(listener);
  }

  @Override
  public CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent) {
    proposed.add(event);
    return CompletableFuture.completedFuture(new Applied(1, new Outcome.Done()));
  }
}
