package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.CONFIG;
import static io.sheepdog.core.cluster.History.address;
import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.epochNode;
import static io.sheepdog.core.cluster.History.presents;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cluster that goes on without nodes that it waited for. */
@Timeout(20)
class ForcedStartRulesTest {
  private static final long ID = 77;

  private static EpochRecord record(int epoch, int... nodes) {
    return new EpochRecord(
        new Epoch(epoch),
        History.BIRTH,
        IntStream.of(nodes).mapToObj(node -> epochNode(node)).toList());
  }

  /** Nodes 1 and 2 wait for node 3 of epoch 5. */
  private static History waiting() {
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(5, 1, 2, 3)), RecoveryMark.NONE));
    history.by(1, returning(1, CONFIG, record(5, 1, 2, 3)));
    history.by(1, new MemberReady(History.BIRTH));
    history.by(2, returning(2, CONFIG, record(5, 1, 2, 3)));
    history.by(2, new MemberReady(History.BIRTH));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    return history;
  }

  private static JoinRequest returning(int number, ClusterConfig config, EpochRecord newest) {
    JoinRequest fresh = presents(number);
    return new JoinRequest(
        fresh.node(), fresh.storeId(), fresh.incarnation(), config, newest, History.BIRTH);
  }

  private static ForceStart without(int epoch, int... nodes) {
    return new ForceStart(
        new Epoch(epoch), IntStream.of(nodes).mapToObj(node -> 1000L + node).toList(), ID);
  }

  private static void gathered(History history, int... nodes) {
    long start = history.state().startedAt();
    for (int node : nodes) {
      history.by(node, new DirectoryReady(start, 4711));
    }
  }

  @Test
  void thePresentNodesMakeTheNextEpochAndItIsKnownThatItWasForced() {
    History history = waiting();
    assertThat(history.by(2, without(5, 3))).isEqualTo(done());
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
    gathered(history, 1, 2);

    ClusterState state = history.state();
    assertThat(state.status()).isEqualTo(ClusterStatus.RUNNING);
    assertThat(state.epoch()).isEqualTo(new Epoch(6));
    assertThat(state.presentNodes()).containsExactly(epochNode128(1), epochNode128(2));
    assertThat(state.lastForced()).isEqualTo(new Epoch(6));
    assertThat(state.config()).isEqualTo(CONFIG.withForced(new ForcedStart(new Epoch(6), ID)));
    assertThat(state.forcedBy()).isZero();
  }

  private static EpochNode epochNode128(int number) {
    EpochNode node = epochNode(number);
    return new EpochNode(
        new NodeEntry(address(number), node.node().ioAddress(), 128, number, node.node().space()),
        node.storeId());
  }

  @Test
  void onlyWhatTheOperatorSawIsGivenUp() {
    History history = waiting();
    assertThat(history.by(1, without(4, 3))).isEqualTo(refused(ResultCode.INVALID_EPOCH));
    assertThat(history.by(1, without(5))).isEqualTo(refused(ResultCode.INVALID_EPOCH));
    history.leave(2, Departure.PROCESS_DIED);
    assertThat(history.by(1, without(5, 3))).isEqualTo(refused(ResultCode.INVALID_EPOCH));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    assertThat(history.by(1, without(5, 2, 3))).isEqualTo(done());
  }

  @Test
  void whoIsAboutToJoinIsWaitedFor() {
    History history = waiting();
    history.by(3, returning(3, CONFIG, record(5, 1, 2, 3)));
    assertThat(history.by(1, without(5, 3))).isEqualTo(refused(ResultCode.AGAIN));
  }

  @Test
  void aClusterThatDoesNotWaitIsNotForced() {
    assertThat(History.running(2).by(1, without(1))).isEqualTo(refused(ResultCode.FORCE_RECOVER));
    History empty = new History(ClusterState.INITIAL);
    empty.join(1);
    assertThat(empty.by(1, without(0))).isEqualTo(refused(ResultCode.FORCE_RECOVER));
  }

  @Test
  void whenSomebodyLeavesMeanwhileTheDecisionIsVoid() {
    History history = waiting();
    history.by(1, without(5, 3));
    history.leave(2, Departure.PROCESS_DIED);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    assertThat(history.state().forcedBy()).isZero();
    assertThat(history.state().lastForced()).isEqualTo(Epoch.ZERO);
  }

  @Test
  void whenTheMissingNodeComesInTheLastMomentNothingIsGivenUp() {
    History history = waiting();
    history.by(1, without(5, 3));
    history.by(3, returning(3, CONFIG, record(5, 1, 2, 3)));
    history.by(3, new MemberReady(History.BIRTH));
    gathered(history, 1, 2, 3);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.RUNNING);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(5));
    assertThat(history.state().lastForced()).isEqualTo(Epoch.ZERO);
  }

  @Test
  void whoWasGivenUpJoinsLikeANewNode() {
    History history = waiting();
    history.by(1, without(5, 3));
    gathered(history, 1, 2);
    assertThat(history.by(3, returning(3, CONFIG, record(5, 1, 2, 3)))).isEqualTo(done());
    history.by(3, new MemberReady(History.BIRTH));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(7));
  }

  @Test
  void aStoreThatWentOnByAnotherForcedStartIsRefusedWhicheverIsNewer() {
    ClusterConfig forked = CONFIG.withForced(new ForcedStart(new Epoch(6), ID + 1));
    for (int theirEpoch : new int[] {6, 7, 20}) {
      History history = waiting();
      history.by(1, without(5, 3));
      gathered(history, 1, 2);
      assertThat(history.by(3, returning(3, forked, record(theirEpoch, 3))))
          .isEqualTo(refused(ResultCode.INVALID_EPOCH));
    }
  }

  @Test
  void whileWaitingNeitherOfTwoHistoriesIsTakenForTheOther() {
    ClusterConfig one = CONFIG.withForced(new ForcedStart(new Epoch(6), ID));
    ClusterConfig other = CONFIG.withForced(new ForcedStart(new Epoch(6), ID + 1));
    History history =
        new History(ClusterState.founded(one, List.of(record(6, 1, 2)), RecoveryMark.NONE));
    history.by(1, returning(1, one, record(6, 1, 2)));
    history.by(1, new MemberReady(History.BIRTH));
    assertThat(history.by(3, returning(3, other, record(9, 3))))
        .isEqualTo(refused(ResultCode.INVALID_EPOCH));
    assertThat(history.by(2, returning(2, CONFIG, record(5, 1, 2, 3)))).isEqualTo(done());
  }

  @Test
  void whoWaitsTakesOverTheHistoryThatWentOnByForce() {
    ClusterConfig forced = CONFIG.withForced(new ForcedStart(new Epoch(6), ID));
    History history = waiting();
    assertThat(history.by(4, returning(4, forced, record(8, 3, 4)))).isEqualTo(done());
    assertThat(history.state().config()).isEqualTo(forced);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(8));
  }

  @Test
  void afterVeryManyForcedStartsTheOldestAreForgotten() {
    ClusterConfig config = CONFIG;
    List<ForcedStart> all = new ArrayList<>();
    for (int epoch = 1; epoch <= ForcedStart.MOST + 3; epoch++) {
      all.add(new ForcedStart(new Epoch(epoch), epoch));
      config = config.withForced(new ForcedStart(new Epoch(epoch), epoch));
    }
    assertThat(config.forced()).isEqualTo(all.subList(3, all.size()));
    Epoch newest = config.lastForced();
    List<ForcedStart> early = all.subList(0, ForcedStart.MOST);
    assertThat(ForcedStart.isSameHistory(config.forced(), newest, early, new Epoch(256))).isTrue();
    assertThat(ForcedStart.isSameHistory(config.forced(), newest, early, newest)).isFalse();
  }
}
