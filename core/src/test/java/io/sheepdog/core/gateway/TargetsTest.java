package io.sheepdog.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.History;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where an object is now, whatever a request that is under way was told when it began. */
@Timeout(20)
class TargetsTest {
  private final History history = History.running(5);
  private final VdiId vid = history.create("Alice");
  private final ObjectId oid = ObjectId.data(vid, 3);
  private Epoch serving = new Epoch(1);
  private final Targets targets = new Targets(new View());

  @Test
  void aRequestThatBeganBeforeAChangeOfCopiesGoesToWhereTheyAreNow() {
    assertThat(targets.of(oid, 3)).hasSize(3);
    history.by(1, new AlterCopies(vid, 4));
    assertThat(targets.of(oid, 3)).as("the new epoch is not served yet").hasSize(3);
    serving = new Epoch(2);
    assertThat(targets.of(oid, 3)).hasSize(4);
  }

  @Test
  void whatBelongsToNoVdiFollowsTheDefault() {
    assertThat(targets.of(ObjectId.attribute(vid, 1), 2)).hasSize(3);
    history.by(1, new AlterCopies(VdiId.NONE, 1));
    serving = new Epoch(2);
    assertThat(targets.of(ObjectId.attribute(vid, 1), 3)).hasSize(1);
  }

  private final class View implements ClusterView {
    @Override
    public ClusterState state() {
      return history.state();
    }

    @Override
    public boolean isSelf(NodeAddress address) {
      return address.equals(History.address(1));
    }

    @Override
    public long incarnation() {
      return 51;
    }

    @Override
    public Epoch servingEpoch() {
      return serving;
    }

    @Override
    public Ring ring(Epoch epoch) {
      return Ring.of(
          history.state().presentNodes().stream()
              .map(n -> new RingNode(n.node().address(), n.node().vnodes(), n.node().zone()))
              .toList());
    }

    @Override
    public void whenEpochServed(Epoch atLeast, Runnable action) {
      action.run();
    }

    @Override
    public void addListener(StateListener listener) {}

    @Override
    public CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent) {
      return new CompletableFuture<>();
    }
  }
}
