package io.sheepdog.core.recovery;

import static io.sheepdog.core.cluster.History.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.History;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Five nodes in zones of their own, three copies. */
@Timeout(value = 10, unit = TimeUnit.SECONDS)
class AbsentNodesTest {
  private final History history = History.running(5);

  private List<NodeAddress> awaited() {
    return AbsentNodes.awaited(history.state());
  }

  private void lose(int node) {
    history.leave(node, Departure.PROCESS_DIED);
  }

  private void recovered(int epoch, int... nodes) {
    for (int node : nodes) {
      history.by(node, new Recovered(new Epoch(epoch)));
    }
  }

  @Test
  void fewerThanThereAreCopiesMayBeAwayForGood() {
    lose(1);
    lose(2);
    assertThat(awaited()).isEmpty();
  }

  @Test
  void asManyAsThereAreCopiesMayHaveTheOnlyOnes() {
    lose(1);
    lose(2);
    lose(3);
    assertThat(awaited()).containsExactly(address(1), address(2), address(3));
  }

  @Test
  void oneThatComesBackIsEnough() {
    lose(1);
    lose(2);
    lose(3);
    history.join(2);
    assertThat(awaited()).isEmpty();
  }

  @Test
  void whoIsAboutToJoinIsStillAway() {
    lose(1);
    lose(2);
    lose(3);
    history.by(2, History.presents(2));
    assertThat(awaited()).containsExactly(address(1), address(2), address(3));
  }

  @Test
  void whoIsLostAfterAnEpochWasCompleteDoesNotCountWithThoseBefore() {
    lose(1);
    lose(2);
    recovered(3, 3, 4, 5);
    lose(3);
    assertThat(awaited()).isEmpty();
  }

  @Test
  void whoWasMemberOnlyInBetweenCounts() {
    history.join(6);
    lose(6);
    lose(1);
    assertThat(awaited()).isEmpty();
    lose(2);
    assertThat(awaited()).containsExactlyInAnyOrder(address(1), address(2), address(6));
  }

  @Test
  void ofTwoNodesThatAreLeftEachHasEverything() {
    lose(1);
    lose(2);
    recovered(3, 3, 4, 5);
    lose(3);
    recovered(4, 4, 5);
    assertThat(history.state().recovery().complete()).isEqualTo(new Epoch(4));
    lose(4);
    assertThat(awaited()).isEmpty();
  }
}
