package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.CONFIG;
import static io.sheepdog.core.cluster.History.address;
import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.epochNode;
import static io.sheepdog.core.cluster.History.member;
import static io.sheepdog.core.cluster.History.presents;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MembershipRulesTest {
  private static final String CLIENT = "10.1.1.1";

  private static List<NodeAddress> nodes(ClusterState state) {
    EpochRecord newest = state.newestEpoch();
    return newest == null
        ? List.of()
        : newest.nodes().stream().map(n -> n.node().address()).toList();
  }

  private static EpochRecord record(int epoch, int... nodes) {
    List<EpochNode> list = new ArrayList<>();
    for (int node : nodes) {
      list.add(epochNode(node));
    }
    return new EpochRecord(new Epoch(epoch), History.BIRTH, list);
  }

  private static JoinRequest returning(int number, EpochRecord newest) {
    JoinRequest fresh = presents(number);
    return new JoinRequest(
        fresh.node(), fresh.storeId(), fresh.incarnation(), CONFIG, newest, History.BIRTH);
  }

  @Test
  void formatBeginsEpochOneWithTheMembersInAddressOrder() {
    History history = History.running(3);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.RUNNING);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(nodes(history.state())).containsExactly(address(1), address(2), address(3));
    assertThat(history.state().presentNodes()).allMatch(node -> node.node().vnodes() == 128);
  }

  @Test
  void formatIsRefusedWhileANodeIsStillReceivingTheState() {
    History history = new History(ClusterState.INITIAL);
    history.join(1);
    history.by(2, presents(2));
    assertThat(history.by(1, new Format(CONFIG, History.BIRTH)))
        .isEqualTo(refused(ResultCode.WAIT_FOR_JOIN));
    history.by(2, new MemberReady(History.BIRTH));
    assertThat(history.by(1, new Format(CONFIG, History.BIRTH))).isEqualTo(done());
  }

  @Test
  void aMemberThatHasNotTheStateYetCountsForNothing() {
    History history = History.running(2);
    history.by(3, presents(3));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(history.state().syncedMembers())
        .extracting(Member::id)
        .containsExactly(member(1), member(2));
    assertThat(history.by(3, new Shutdown())).isEqualTo(refused(ResultCode.STARTUP));
    history.leave(3, Departure.PROCESS_DIED);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void aReadyMemberBeginsAnEpochAndSoDoesItsDeparture() {
    History history = History.running(2);
    history.join(3);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(nodes(history.state())).containsExactly(address(1), address(2), address(3));
    history.leave(1, Departure.PROCESS_DIED);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(3));
    assertThat(nodes(history.state())).containsExactly(address(2), address(3));
  }

  @Test
  void severalDeparturesInOneChangeBeginOneEpoch() {
    History history = History.running(4);
    history.leave(Map.of(member(2), Departure.LEFT, member(4), Departure.PROCESS_DIED));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(nodes(history.state())).containsExactly(address(1), address(3));
  }

  @Test
  void aStoreOfAnotherClusterIsRefusedUntilItLeaves() {
    History history = History.running(1);
    ClusterConfig other = new ClusterConfig(SheepTime.NONE, 3, 0, 22, 0);
    JoinRequest foreign =
        new JoinRequest(History.node(9), 9, 9, other, record(1, 9), History.BIRTH);
    assertThat(history.by(9, foreign)).isEqualTo(refused(ResultCode.INVALID_CTIME));
    assertThat(history.state().members()).doesNotContainKey(member(9));
    assertThat(history.state().refused()).containsEntry(member(9), ResultCode.INVALID_CTIME);
    history.leave(9, Departure.LEFT);
    assertThat(history.state().refused()).isEmpty();
  }

  @Test
  void aStoreThatKnowsALaterEpochIsRefusedByARunningCluster() {
    History history = History.running(1);
    assertThat(history.by(2, returning(2, record(2, 2))))
        .isEqualTo(refused(ResultCode.INVALID_EPOCH));
  }

  @Test
  void anEarlierIncarnationMustBeGoneBeforeTheNextOneCounts() {
    History history = History.running(2);
    MemberId again = member(77);
    history.by(again, presents(2));
    assertThat(history.by(again, new MemberReady(History.BIRTH)))
        .isEqualTo(refused(ResultCode.AGAIN));
    history.leave(2, Departure.PROCESS_DIED);
    assertThat(history.by(again, new MemberReady(History.BIRTH))).isEqualTo(done());
    assertThat(history.state().epoch()).isEqualTo(new Epoch(3));
  }

  @Test
  void aWaitingClusterTakesUpTheNewestEpochThatAnybodyBrings() {
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(4, 1, 2, 3)), RecoveryMark.NONE));
    history.join(1);
    assertThat(history.state().missingNodes()).containsExactly(epochNode(2), epochNode(3));
    history.by(2, returning(2, record(6, 2, 3)));
    history.by(2, new MemberReady(History.BIRTH));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(6));
    assertThat(history.state().missingNodes()).containsExactly(epochNode(3));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
  }

  @Test
  void aMajorityOfTheOldNodesNeverSuffices() {
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(4, 1, 2, 3)), RecoveryMark.NONE));
    history.join(1);
    history.join(2);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    history.join(3);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
  }

  @Test
  void aWipedStoreAtAKnownAddressDoesNotCompleteTheWait() {
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(4, 1, 2)), RecoveryMark.NONE));
    history.join(1);
    history.by(2, new JoinRequest(History.node(2), 4711, 52, null, null, History.BIRTH));
    history.by(2, new MemberReady(History.BIRTH));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    assertThat(history.state().missingNodes()).containsExactly(epochNode(2));
  }

  @Test
  void theClusterRunsInTheSameEpochOnceAllHaveGatheredTheSame() {
    History history = startingWith(2);
    long start = history.state().startedAt();
    history.by(1, new DirectoryReady(start, 5));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
    history.by(2, new DirectoryReady(start, 5));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.RUNNING);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(4));
  }

  @Test
  void aReportOfAnEarlierGatheringDoesNotCount() {
    History history = startingWith(2);
    long start = history.state().startedAt();
    history.by(1, new DirectoryReady(start, 5));
    history.leave(2, Departure.PROCESS_DIED);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    history.join(2);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
    assertThat(history.by(1, new DirectoryReady(start, 5)))
        .isEqualTo(refused(ResultCode.INVALID_EPOCH));
    assertThat(history.state().ready()).isEmpty();
  }

  @Test
  void differentDirectoriesAreGatheredAgain() {
    History history = startingWith(2);
    long start = history.state().startedAt();
    history.by(1, new DirectoryReady(start, 5));
    history.by(2, new DirectoryReady(start, 6));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
    assertThat(history.state().startedAt()).isGreaterThan(start);
  }

  @Test
  void aNodeThatIsNotOfTheNewestEpochMakesANewOneWhenTheClusterStarts() {
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(4, 1)), RecoveryMark.NONE));
    history.by(2, presents(2));
    history.by(2, new MemberReady(History.BIRTH));
    history.join(1);
    long start = history.state().startedAt();
    history.by(1, new DirectoryReady(start, 5));
    history.by(2, new DirectoryReady(start, 5));
    assertThat(history.state().status()).isEqualTo(ClusterStatus.RUNNING);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(5));
    assertThat(nodes(history.state())).containsExactly(address(1), address(2));
  }

  private static History startingWith(int nodes) {
    int[] numbers = new int[nodes];
    for (int i = 0; i < nodes; i++) {
      numbers[i] = i + 1;
    }
    History history =
        new History(ClusterState.founded(CONFIG, List.of(record(4, numbers)), RecoveryMark.NONE));
    for (int i = 1; i <= nodes; i++) {
      history.join(i);
    }
    assertThat(history.state().status()).isEqualTo(ClusterStatus.STARTING);
    return history;
  }

  @Test
  void departuresDuringShutdownBeginNoEpochAndNobodyIsTakenIn() {
    History history = History.running(3);
    history.by(2, new Shutdown());
    history.leave(1, Departure.LEFT);
    assertThat(history.state().status()).isEqualTo(ClusterStatus.SHUTDOWN);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(history.by(4, presents(4))).isEqualTo(refused(ResultCode.SHUTDOWN));
    assertThat(history.reserve(ReserveKind.CREATE, "x", VdiId.NONE))
        .isEqualTo(refused(ResultCode.STARTUP)); // member 1 is gone
    assertThat(history.by(2, History.reservation(ReserveKind.CREATE, "x", VdiId.NONE, CLIENT)))
        .isEqualTo(refused(ResultCode.SHUTDOWN));
  }

  @Test
  void lossOfAMajorityThatMayStillRunEndsTheRest() {
    History history = History.running(3);
    Outcome outcome =
        history.leave(Map.of(member(2), Departure.NODE_DOWN, member(3), Departure.NODE_DOWN));
    assertThat(outcome)
        .isEqualTo(new Outcome.QuorumLost(new Epoch(1), List.of(address(2), address(3))));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void certainDeathsDoNotCountAgainstTheQuorum() {
    History history = History.running(3);
    assertThat(
            history.leave(
                Map.of(member(2), Departure.PROCESS_DIED, member(3), Departure.PROCESS_DIED)))
        .isEqualTo(done());
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void ofTwoHalvesTheOneWithTheLowestNodeIdGoesOn() {
    List<Integer> byId = new ArrayList<>(List.of(1, 2, 3, 4));
    byId.sort(Comparator.comparing(n -> address(n).node2010Id(), Long::compareUnsigned));
    assertThat(loses(byId.subList(2, 4), Departure.NODE_DOWN)).isInstanceOf(Outcome.Done.class);
    assertThat(loses(byId.subList(0, 2), Departure.NODE_DOWN))
        .isInstanceOf(Outcome.QuorumLost.class);
  }

  @Test
  void ofTwoHalvesTheOneForWhichTheProviderOfQuorumDecidesGoesOn() {
    assertThat(loses(List.of(1, 2), Departure.OUTVOTED)).isInstanceOf(Outcome.Done.class);
    assertThat(loses(List.of(3, 4), Departure.OUTVOTED)).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void lessThanHalfDoNotGoOnWhoeverDecides() {
    assertThat(loses(List.of(1, 2, 3), Departure.OUTVOTED)).isInstanceOf(Outcome.QuorumLost.class);
  }

  private static Outcome loses(List<Integer> lost, Departure how) {
    Map<MemberId, Departure> left = new HashMap<>();
    lost.forEach(number -> left.put(member(number), how));
    return History.running(4).leave(left);
  }

  @Test
  void whatADepartedMemberHadBegunGoesToTheOldest() {
    History history = History.running(3);
    VdiId doomed = history.create("doomed");
    Outcome reserved =
        history.by(3, History.reservation(ReserveKind.CREATE, "new", VdiId.NONE, CLIENT));
    assertThat(reserved).isInstanceOf(Outcome.Reserved.class);
    history.by(3, new VdiDelete(doomed, CLIENT));
    VdiDirectory before = history.state().directory();
    assertThat(before.deletions()).containsEntry(doomed, member(3));
    history.leave(3, Departure.PROCESS_DIED);
    VdiDirectory after = history.state().directory();
    assertThat(after.deletions()).containsEntry(doomed, member(1));
    assertThat(after.reservations().values()).extracting("originator").containsOnly(member(1));
  }

  @Test
  void formatForgetsEverythingButTheLockGenerations() {
    History history = History.running(2);
    VdiId vid = history.create("a");
    history.lock(1, vid, CLIENT);
    history.leave(2, Departure.LEFT);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    history.by(1, new Format(CONFIG, History.BIRTH));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(history.state().directory()).isEqualTo(VdiDirectory.EMPTY);
    assertThat(history.state().locks().all()).isEmpty();
    assertThat(history.state().locks().lastGeneration()).isEqualTo(1);
  }

  @Test
  void theTimeOfAnEpochIsSetForTheCurrentOneOnly() {
    History history = History.running(2);
    history.leave(2, Departure.LEFT);
    SheepTime now = history.now();
    assertThat(history.by(1, new EpochTime(new Epoch(1), now)))
        .isEqualTo(refused(ResultCode.INVALID_EPOCH));
    history.by(1, new EpochTime(new Epoch(2), now));
    assertThat(history.state().newestEpoch()).isNotNull();
    assertThat(history.state().epochRecord(new Epoch(2)))
        .isNotNull()
        .extracting(EpochRecord::time)
        .isEqualTo(now);
  }

  @Test
  void everyDeliveryCountsEvenIfItChangesNothing() {
    ClusterState state = History.running(1).state();
    long sequence = state.sequence();
    assertThat(state.applyUnknown().next().sequence()).isEqualTo(sequence + 1);
    assertThat(state.applyMembership(Map.of()).next().sequence()).isEqualTo(sequence + 1);
    assertThat(state.apply(member(99), new Shutdown()).next().sequence()).isEqualTo(sequence + 1);
  }

  @Test
  void aSmallerNodeGetsFewerVirtualNodesAndAGatewayNone() {
    History history = new History(ClusterState.INITIAL);
    long[] gib = {100, 50, 0};
    for (int i = 1; i <= 3; i++) {
      JoinRequest plain = presents(i);
      history.by(
          i,
          new JoinRequest(
              io.sheepdog.protocol.payload.NodeEntry.of(address(i), 0, i, gib[i - 1] << 30),
              plain.storeId(),
              plain.incarnation(),
              null,
              null,
              History.BIRTH));
      history.by(i, new MemberReady(History.BIRTH));
    }
    history.by(1, new Format(CONFIG, History.BIRTH));
    assertThat(history.state().presentNodes())
        .extracting(node -> node.node().vnodes())
        .containsExactly(171, 85, 0);
  }
}
