package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the weights of members change. */
@Timeout(10)
class WeightRulesTest {
  private static final long GIB = 1L << 30;
  private static final long BEFORE = 100 * GIB;

  private static List<Integer> vnodes(History history) {
    return history.state().presentNodes().stream().map(node -> node.node().vnodes()).toList();
  }

  private static List<Long> spaces(History history) {
    return history.state().presentNodes().stream().map(node -> node.node().space()).toList();
  }

  private static Reweigh weighed(int number, long bytes) {
    return new Reweigh(List.of(new DiskSize(member(number), bytes)));
  }

  @Test
  void aLargerDiskWeighsMoreFromANewEpochOn() {
    History history = History.running(3);
    assertThat(vnodes(history)).containsExactly(128, 128, 128);
    assertThat(history.by(1, weighed(2, 400 * GIB))).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(vnodes(history)).containsExactly(64, 256, 64);
    assertThat(history.state().history().get(0).nodes())
        .allMatch(node -> node.node().vnodes() == 128);
  }

  @Test
  void severalDisksAreOneEpoch() {
    History history = History.running(3);
    history.by(
        3,
        new Reweigh(
            List.of(new DiskSize(member(1), 50 * GIB), new DiskSize(member(2), 150 * GIB))));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(spaces(history)).containsExactly(50 * GIB, 150 * GIB, BEFORE);
    assertThat(vnodes(history)).containsExactly(64, 192, 128);
  }

  @Test
  void lessThanOnePerCentIsNoChange() {
    History history = History.running(2);
    history.by(1, weighed(1, BEFORE + BEFORE / 100 - 1));
    history.by(1, weighed(2, BEFORE - BEFORE / 100 + 1));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(spaces(history)).containsOnly(BEFORE);

    history.by(1, weighed(1, BEFORE + BEFORE / 100));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    history.by(1, weighed(2, BEFORE - BEFORE / 100));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(3));
  }

  @Test
  void whatTheSizesOfHugeAndTinyDisksDifferByIsComparedWithoutOverflow() {
    assertThat(new DiskSize(member(1), Long.MAX_VALUE).isAnotherThan(1)).isTrue();
    assertThat(new DiskSize(member(1), 1).isAnotherThan(Long.MAX_VALUE)).isTrue();
    assertThat(new DiskSize(member(1), Long.MAX_VALUE).isAnotherThan(Long.MAX_VALUE - 5)).isFalse();
    assertThat(new DiskSize(member(1), 1).isAnotherThan(1)).isFalse();
  }

  @Test
  void whoHoldsNothingIsNotMadeToByBeingWeighed() {
    History history = History.running(3);
    history.by(2, new DiskLost());
    history.by(1, weighed(2, 500 * GIB));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(vnodes(history)).element(1).isEqualTo(0);
  }

  @Test
  void aDiskThatHasFailedWeighsNothing() {
    History history = History.running(3);
    history.by(1, weighed(2, 0));
    assertThat(vnodes(history)).containsExactly(128, 0, 128);
    assertThat(history.state().members()).containsKey(member(2));
  }

  @Test
  void somebodyGoesOnHoldingObjects() {
    History history = History.running(1);
    assertThat(history.by(1, weighed(1, 0))).isEqualTo(new Outcome.Refused(ResultCode.HALT));
    assertThat(vnodes(history)).containsExactly(128);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void whoHasLeftMeanwhileIsNotWeighed() {
    History history = History.running(2);
    history.by(1, weighed(7, 500 * GIB));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }
}
