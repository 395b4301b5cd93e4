package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.Home;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies that differ are found and made the same (R16), without harm to what clients write. */
class CopyComparisonTest extends GatewayTest {
  private static final long SECOND = 1_000_000_000;
  private static final int FAR = 300_000;

  private List<TestNode> homes = List.of();

  @BeforeEach
  void everythingIsRecovered() {
    given(DATA, 1);
    cluster.complete();
    homes = cluster.targets(DATA);
  }

  /** Writes past everybody, as a disk or an operator may. */
  private void behindTheBack(int home, int offset, int value) {
    ByteBuf other = cluster.buffer(filled(8, value));
    assertThat(cluster.await(homes.get(home).store.write(DATA, offset, other, true)))
        .isEqualTo(StoreStatus.OK);
    other.release();
  }

  private int byteAt(int home, int offset) {
    return onDisk(homes.get(home), DATA, offset, 1)[0];
  }

  private ObjectComparison compare(boolean repairs) {
    return cluster.await(gateway.replica.compare(DATA, repairs));
  }

  private static List<State> states(ObjectComparison found) {
    return found.homes().stream().map(Home::state).toList();
  }

  @Test
  void copiesThatAreTheSameAreSaidToBe() {
    ObjectComparison found = compare(true);
    assertThat(found.outcome()).isEqualTo(Outcome.SAME);
    assertThat(found.blocks()).isZero();
    assertThat(states(found)).containsExactly(State.GOOD, State.GOOD, State.GOOD);
    assertThat(found.homes().stream().map(Home::address))
        .containsExactlyElementsOf(homes.stream().map(home -> home.address).toList());
    assertThat(gateway.warnings).isEmpty();
  }

  @Test
  void whatTheMajorityHasIsGivenToTheOthersBlockByBlock() {
    behindTheBack(0, 0, 7);
    behindTheBack(2, FAR, 9);

    ObjectComparison found = compare(true);

    assertThat(found.outcome()).isEqualTo(Outcome.REPAIRED);
    assertThat(found.blocks()).isEqualTo(2);
    assertThat(states(found)).containsExactly(State.REPAIRED, State.GOOD, State.REPAIRED);
    for (int home = 0; home < homes.size(); home++) {
      assertThat(byteAt(home, 0)).isEqualTo(1);
      assertThat(byteAt(home, FAR)).isEqualTo(1);
    }
    assertThat(gateway.warnings).anyMatch(line -> line.contains(DATA.toString()));
    assertThat(compare(true).outcome()).isEqualTo(Outcome.SAME);
  }

  @Test
  void withoutAMajorityTheFirstHomeCounts() {
    for (int home = 0; home < homes.size(); home++) {
      behindTheBack(home, FAR, 7 + home);
    }
    assertThat(compare(true).outcome()).isEqualTo(Outcome.REPAIRED);
    assertThat(homes).allMatch(home -> onDisk(home, DATA, FAR, 1)[0] == 7);
  }

  @Test
  void whoOnlyLooksChangesNothing() {
    behindTheBack(1, 0, 7);
    ObjectComparison found = compare(false);
    assertThat(found.outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(states(found)).containsOnly(State.DIFFERENT);
    assertThat(byteAt(1, 0)).isEqualTo(7);
  }

  @Test
  void nothingIsRepairedWhileAChangeIsUnderWayAtSomeGateway() {
    behindTheBack(1, 0, 7);
    TestNode other = cluster.node(2);
    other.inFlight.begin(DATA);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(byteAt(1, 0)).isEqualTo(7);
    other.inFlight.end(DATA);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.REPAIRED);
  }

  @Test
  void nothingIsRepairedWhileAMemberDoesNotAnswer() {
    behindTheBack(1, 0, 7);
    TestNode away =
        cluster.nodes.stream()
            .filter(node -> node != gateway && !homes.contains(node))
            .findFirst()
            .orElse(homes.get(2));
    gateway.transport.trouble(away, TestTransport.Trouble.UNREACHABLE);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(byteAt(1, 0)).isEqualTo(7);
  }

  @Test
  void nothingIsRepairedBeforeTheEpochIsComplete() {
    behindTheBack(1, 0, 7);
    cluster.epochOf(cluster.nodes);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(byteAt(1, 0)).isEqualTo(7);
  }

  /** Many comparisons under a client that writes: what it was told stays. */
  @Test
  void acknowledgedWritesAreNotUndone() {
    List<CompletableFuture<ObjectComparison>> comparisons = new ArrayList<>();
    for (int i = 2; i < 60; i++) {
      CompletionStage<Reply> write = gateway.write(DATA, 0, filled(8, i));
      for (int j = 0; j < 6; j++) {
        comparisons.add(cluster.node(j % 4).replica.compare(DATA, true).toCompletableFuture());
        cluster.run(20_000L * i);
      }
      assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
      for (int home = 0; home < homes.size(); home++) {
        assertThat(byteAt(home, 0)).as("home %s after write %s", home, i).isEqualTo(i);
      }
    }
    comparisons.forEach(cluster::await);
    for (int home = 0; home < homes.size(); home++) {
      assertThat(byteAt(home, 0)).isEqualTo(59);
    }
  }

  @Test
  void aWriteThatOneReplicaHasNoRoomForIsUndoneOnTheOthersByItself() {
    ObjectId thin = ObjectId.data(HEAD, 5);
    var first = cluster.buffer(filled(512, 3));
    var attributes =
        new io.sheepdog.core.spi.ObjectAttributes(
            OBJECT, TestCluster.COPIES, 0, new io.sheepdog.protocol.id.Epoch(1));
    assertThat(cluster.await(gateway.gateway.create(thin, attributes, 0, first)))
        .isEqualTo(ResultCode.SUCCESS);
    first.release();
    List<TestNode> ofThin = cluster.targets(thin);
    ofThin.get(1).disk.setRoom(io.sheepdog.core.sim.store.StoreContents.Room.NONE);

    assertThat(cluster.code(gateway.write(thin, FAR, filled(8192, 4))))
        .isEqualTo(ResultCode.NO_SPACE);
    cluster.run(2 * SECOND);

    for (TestNode home : ofThin) {
      assertThat(onDisk(home, thin, FAR, 8192)).as("home %s", home.number).containsOnly(0);
      assertThat(onDisk(home, thin, 0, 512)).containsOnly(3);
    }
    assertThat(cluster.code(gateway.write(thin, 0, filled(512, 5)))).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aWriteThatFailedOnOneReplicaOnlyIsCompletedOnceThatCanWriteAgain() {
    homes.get(1).store.writes = StoreStatus.NO_SPACE;
    homes.get(2).store.writes = StoreStatus.NO_SPACE;
    assertThat(cluster.code(gateway.write(DATA, FAR, filled(8, 4)))).isEqualTo(ResultCode.NO_SPACE);
    homes.get(1).store.writes = StoreStatus.OK;
    homes.get(2).store.writes = StoreStatus.OK;
    cluster.run(10 * SECOND);
    assertThat(homes).allMatch(home -> onDisk(home, DATA, FAR, 1)[0] == byteAt(0, FAR));
  }

  @Test
  void aHomeWithoutACopyIsNamedAndGetsOneIfThatIsWanted() {
    cluster.epochOf(cluster.nodes);
    cluster.complete();
    assertThat(compare(true).outcome()).isEqualTo(Outcome.SAME);
    assertThat(cluster.await(homes.get(1).store.remove(DATA))).isEqualTo(StoreStatus.OK);

    ObjectComparison looked = compare(false);
    assertThat(looked.outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(states(looked)).containsExactly(State.GOOD, State.MISSING, State.GOOD);

    ObjectComparison found = compare(true);
    assertThat(found.outcome()).isEqualTo(Outcome.REPAIRED);
    assertThat(states(found)).containsExactly(State.GOOD, State.REPAIRED, State.GOOD);
    assertThat(byteAt(1, 0)).isEqualTo(1);
  }

  @Test
  void anObjectThatIsNowhereIsMissingEverywhere() {
    ObjectComparison found = cluster.await(gateway.replica.compare(ObjectId.data(HEAD, 60), true));
    assertThat(found.outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(states(found)).containsOnly(State.MISSING);
  }

  private void clean() {
    for (TestNode home : homes) {
      long version = cluster.await(home.store.digest(DATA)).version();
      assertThat(cluster.await(home.store.markClean(DATA, version))).isEqualTo(StoreStatus.OK);
    }
  }

  private void rot(int home, long offset) {
    assertThat(homes.get(home).disk.flip(DATA, offset)).isTrue();
  }

  @Test
  void aReadNeverShowsWhatADiskHasChangedAndRepairsIt() {
    clean();
    for (int home = 0; home < homes.size(); home++) {
      rot(home, home == 2 ? FAR : 5);
    }
    for (TestNode node : cluster.nodes) {
      assertThat(cluster.bytes(node.read(DATA, 0, 512))).containsOnly(1);
      assertThat(cluster.bytes(node.read(DATA, FAR - 8, 512))).containsOnly(1);
    }
    cluster.run(5 * SECOND);
    for (int home = 0; home < homes.size(); home++) {
      assertThat(homes.get(home).disk.isRotten(DATA)).as("home %s", home).isFalse();
      assertThat(byteAt(home, 5)).isEqualTo(1);
      assertThat(byteAt(home, FAR)).isEqualTo(1);
    }
  }

  @Test
  void whatIsDamagedHasNoVote() {
    clean();
    rot(0, 5);
    rot(1, 5);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.REPAIRED);
    for (int home = 0; home < homes.size(); home++) {
      assertThat(byteAt(home, 5)).isEqualTo(1);
    }
  }

  @Test
  void whatIsDamagedEverywhereIsAnErrorAndSaidToBe() {
    clean();
    for (int home = 0; home < homes.size(); home++) {
      rot(home, 5);
    }
    assertThat(cluster.code(gateway.read(DATA, 0, 512))).isEqualTo(ResultCode.EIO);
    assertThat(cluster.bytes(gateway.read(DATA, FAR, 512))).containsOnly(1);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(gateway.warnings).anyMatch(line -> line.contains("past repair"));
    assertThat(cluster.code(gateway.write(DATA, 0, filled(64 << 10, 9))))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.bytes(gateway.read(DATA, 0, 512))).containsOnly(9);
    assertThat(compare(true).outcome()).isEqualTo(Outcome.SAME);
  }

  /** Recovery takes what one copy cannot give from another. */
  @Test
  void aDamagedCopyIsNotSpread() {
    clean();
    TestNode leaving = homes.get(2);
    rot(0, 5);
    List<TestNode> rest = cluster.nodes.stream().filter(node -> node != leaving).toList();
    cluster.epochOf(rest);
    for (TestNode node : rest) {
      assertThat(cluster.await(node.replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);
    }
    for (TestNode home : cluster.targets(DATA)) {
      if (home != homes.get(0)) {
        assertThat(onDisk(home, DATA, 5, 1)[0]).isEqualTo((byte) 1);
      }
    }
    cluster.complete();
    cluster.run(20 * SECOND);
    assertThat(homes.get(0).disk.isRotten(DATA)).isFalse();
  }

  @Test
  void aToolMayAskAnyMember() {
    behindTheBack(1, 0, 7);
    assertThat(ask(cluster.node(3), 0).outcome()).isEqualTo(Outcome.DIFFERENT);
    assertThat(ask(cluster.node(3), 1).outcome()).isEqualTo(Outcome.REPAIRED);
    assertThat(ask(cluster.node(2), 1).outcome()).isEqualTo(Outcome.SAME);
  }

  private ObjectComparison ask(TestNode node, int repairs) {
    Request request =
        Request.of(
                Opcode.PEER_COMPARE,
                RequestFlags.NONE,
                ObjectComparison.MAX_BYTES,
                PeerBody.of(DATA, 0, repairs))
            .withEpoch(cluster.state().epoch());
    Reply reply = cluster.await(node.replica.handle(request, Unpooled.EMPTY_BUFFER));
    try {
      return ObjectComparison.decode(reply.payload());
    } finally {
      reply.release();
    }
  }
}
