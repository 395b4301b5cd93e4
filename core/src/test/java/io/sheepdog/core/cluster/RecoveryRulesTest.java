package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.member;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class RecoveryRulesTest {
  private static final Epoch ONE = new Epoch(1);
  private static final Epoch TWO = new Epoch(2);
  private static final Epoch THREE = new Epoch(3);

  private final History history = History.running(3);

  private RecoveryState recovery() {
    return history.state().recovery();
  }

  @Test
  void aFormattedClusterHasNothingToRecover() {
    assertThat(recovery().complete()).isEqualTo(ONE);
  }

  @Test
  void anEpochIsCompleteOnceAllItsMembersHaveSaidSo() {
    history.join(4);
    for (int node : List.of(2, 1, 4)) {
      assertThat(history.by(node, new Recovered(TWO))).isEqualTo(done());
      assertThat(recovery().complete()).isEqualTo(ONE);
    }
    assertThat(recovery().done()).containsExactlyInAnyOrder(member(1), member(2), member(4));
    history.by(3, new Recovered(TWO));
    assertThat(recovery().complete()).isEqualTo(TWO);
    assertThat(recovery().done()).isEmpty();
  }

  @Test
  void whoSaysItTwiceCountsOnce() {
    history.leave(3, Departure.PROCESS_DIED);
    history.by(1, new Recovered(TWO));
    history.by(1, new Recovered(TWO));
    assertThat(recovery().complete()).isEqualTo(ONE);
  }

  @Test
  void afterAnotherChangeOfTheMembersAllHaveToLookAgain() {
    history.join(4);
    history.by(1, new Recovered(TWO));
    history.by(2, new Recovered(TWO));
    history.by(3, new Recovered(TWO));
    history.leave(4, Departure.PROCESS_DIED);
    assertThat(recovery().complete()).isEqualTo(ONE);
    assertThat(recovery().done()).isEmpty();
    assertThat(history.by(3, new Recovered(TWO))).isEqualTo(refused(ResultCode.INVALID_EPOCH));
    for (int node = 1; node <= 3; node++) {
      history.by(node, new Recovered(THREE));
    }
    assertThat(recovery().complete()).isEqualTo(THREE);
  }

  @Test
  void theSwitchStaysWhereItIsThroughEpochs() {
    history.by(1, new RecoverySwitch(true));
    history.join(4);
    assertThat(recovery().paused()).isTrue();
    history.by(2, new RecoverySwitch(false));
    assertThat(recovery().paused()).isFalse();
  }

  @Test
  void aRestartedClusterKnowsWhatItsFirstNodeHasNoted() {
    RecoveryMark mark = new RecoveryMark(TWO, true);
    EpochRecord record = new EpochRecord(THREE, History.BIRTH, List.of(History.epochNode(1)));
    ClusterState state = ClusterState.founded(History.CONFIG, List.of(record), mark);
    assertThat(state.recovery().mark()).isEqualTo(mark);
    assertThat(ClusterState.founded(null, List.of(), mark).recovery())
        .isEqualTo(RecoveryState.NONE);
  }
}
