package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.NodeEntry;
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

  private static final ClusterConfig FIXED =
      new ClusterConfig(History.BIRTH, 3, 0, 22, ClusterFlags.USE_LOCK);

  private static JoinRequest presents(int number, int vnodes) {
    NodeEntry auto = History.node(number);
    NodeEntry fixed = NodeEntry.of(auto.address(), vnodes, auto.zone(), auto.space());
    return new JoinRequest(fixed, 1000 + number, 50 + number, null, null, History.BIRTH);
  }

  private static Outcome join(History history, int number, int vnodes) {
    Outcome outcome = history.by(number, presents(number, vnodes));
    history.by(number, new MemberReady(history.now()));
    return outcome;
  }

  /** Nodes with 10, 20, ... virtual nodes. */
  private static History fixed(int nodes) {
    History history = new History(ClusterState.INITIAL);
    for (int i = 1; i <= nodes; i++) {
      join(history, i, 10 * i);
    }
    history.by(1, new Format(FIXED, History.BIRTH));
    return history;
  }

  @Test
  void fixedNumbersAreThoseThatNodesWereStartedWith() {
    History history = fixed(3);
    assertThat(vnodes(history)).containsExactly(10, 20, 30);
    assertThat(history.by(1, weighed(2, 500 * GIB)))
        .isEqualTo(new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void fixedNumbersAreChangedByTheirOwnNode() {
    History history = fixed(3);
    assertThat(history.by(2, new SetVnodes(65535))).isInstanceOf(Outcome.Done.class);
    assertThat(vnodes(history)).containsExactly(10, 65535, 30);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    history.by(2, new SetVnodes(65535));
    assertThat(history.state().epoch()).as("the same again").isEqualTo(new Epoch(2));
    for (int wrong : new int[] {0, -1, 65536}) {
      assertThat(history.by(1, new SetVnodes(wrong)))
          .isEqualTo(new Outcome.Refused(ResultCode.INVALID_PARMS));
    }
    history.by(3, new DiskLost());
    assertThat(history.by(3, new SetVnodes(5)))
        .isEqualTo(new Outcome.Refused(ResultCode.GATEWAY_MODE));
    assertThat(vnodes(history)).containsExactly(10, 65535, 0);
  }

  @Test
  void numbersThatFollowFromTheDisksAreNotSet() {
    History history = History.running(2);
    assertThat(history.by(1, new SetVnodes(5)))
        .isEqualTo(new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY));
    assertThat(vnodes(history)).containsExactly(128, 128);
  }

  @Test
  void aFormatOfTheOtherKindThanTheNodesIsRefused() {
    History history = new History(ClusterState.INITIAL);
    join(history, 1, 10);
    join(history, 2, 0);
    for (ClusterConfig config : List.of(FIXED, History.CONFIG)) {
      assertThat(history.by(1, new Format(config, History.BIRTH)))
          .isEqualTo(new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY));
    }
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_FORMAT);
  }

  @Test
  void aNodeOfTheOtherKindIsNotTakenInButAGatewayIs() {
    History fixed = fixed(2);
    assertThat(join(fixed, 3, 0))
        .isEqualTo(new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY));
    History auto = History.running(2);
    assertThat(join(auto, 3, 7)).isEqualTo(new Outcome.Refused(ResultCode.INVALID_VNODES_STRATEGY));
    NodeEntry gateway = NodeEntry.of(History.address(4), 0, 4, 0);
    for (History history : List.of(fixed, auto)) {
      assertThat(history.by(4, new JoinRequest(gateway, 1004, 54, null, null, History.BIRTH)))
          .isInstanceOf(Outcome.Done.class);
      history.by(4, new MemberReady(history.now()));
      assertThat(vnodes(history)).hasSize(3).element(2).isEqualTo(0);
    }
  }

  @Test
  void whoHasLeftMeanwhileIsNotWeighed() {
    History history = History.running(2);
    history.by(1, weighed(7, 500 * GIB));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }
}
