package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.TestTransport.Trouble;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lock passes on while writes of its holder are under way (P3, R12). */
class LockDrainTest extends GatewayTest {
  private static final long SECOND = 1_000_000_000;

  private final TestNode next = cluster.node(1);
  private TestNode slow = gateway;

  @BeforeEach
  void oneReplicaIsFarAway() {
    given(DATA, 1);
    gateway.lock(HEAD);
    slow =
        cluster.targets(DATA).stream()
            .filter(n -> n != gateway && n != next)
            .findFirst()
            .orElseThrow();
  }

  /** The next owner is granted the lock, and waits until he may use it. */
  private CompletableFuture<Void> passOn() {
    next.lock(HEAD);
    return next.gateway.earlierWritesEnded(HEAD, next.grant.generation()).toCompletableFuture();
  }

  private void assertEverywhere(int value) {
    for (TestNode node : cluster.targets(DATA)) {
      assertThat(onDisk(node, DATA, 0, 8)).isEqualTo(filled(8, value));
    }
  }

  @Test
  void whoIsGrantedALockThatNobodyUsesNeedNotWaitForLong() {
    cluster.await(passOn());
  }

  @Test
  void whoIsGrantedTheLockWaitsUntilAWriteUnderWayIsOnAllReplicas() {
    gateway.transport.trouble(slow, Trouble.SILENT);
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    var ended = passOn();
    cluster.run(SECOND);
    assertThat(ended).isNotDone();

    gateway.transport.trouble(slow, Trouble.NONE);
    cluster.await(ended);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertEverywhere(5);
  }

  @Test
  void aWriteThatMayBeOnAReplicaIsTriedUntilItIsOnAllThoughItsLockIsGone() {
    gateway.transport.trouble(slow, Trouble.UNREACHABLE);
    var write = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    cluster.run(SECOND);
    var ended = passOn();
    cluster.run(SECOND);
    assertThat(ended).isNotDone();

    gateway.transport.trouble(slow, Trouble.NONE);
    cluster.await(ended);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertEverywhere(5);
  }

  @Test
  void aWriteThatHasNotBegunWhenTheLockPassesOnNeverDoes() {
    gateway.transport.trouble(slow, Trouble.SILENT);
    var first = gateway.write(DATA, 0, filled(8, 5)).toCompletableFuture();
    var waiting = gateway.write(DATA, 4, filled(8, 6)).toCompletableFuture();
    var ended = passOn();
    gateway.transport.trouble(slow, Trouble.NONE);
    cluster.await(ended);

    assertThat(cluster.code(first)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(waiting)).isEqualTo(ResultCode.VDI_LOCKED);
    assertEverywhere(5);
  }

  @Test
  void aWriteThatAllReplicasHaveRefusedIsGivenUpWhenTheLockPassesOn() {
    List<TestNode> others = new ArrayList<>(cluster.nodes);
    others.remove(gateway);
    others.forEach(node -> node.view.serve(new Epoch(2)));
    var write = createElsewhere();
    cluster.run(SECOND);
    assertThat(write).isNotDone();

    cluster.await(passOn());
    assertThat(cluster.code(write)).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(others).noneMatch(node -> node.disk.holds(elsewhere()));
  }

  /** A write to an object that the gateway itself has no replica of. */
  private CompletableFuture<Reply> createElsewhere() {
    return gateway.create(elsewhere(), 0, filled(8, 5)).toCompletableFuture();
  }

  private ObjectId elsewhere() {
    for (int index = 10; ; index++) {
      ObjectId oid = ObjectId.data(HEAD, index);
      if (!cluster.targets(oid).contains(gateway)) {
        return oid;
      }
    }
  }

  @Test
  void aMemberThatIsGoneIsNotWaitedForOnceTheEpochWithoutItIsServed() {
    next.transport.trouble(gateway, Trouble.SILENT);
    var ended = passOn();
    cluster.run(SECOND);
    assertThat(ended).isNotDone();

    List<TestNode> others = new ArrayList<>(cluster.nodes);
    others.remove(gateway);
    cluster.announceEpochOf(others);
    cluster.run(SECOND);
    assertThat(ended).as("replicas may still take its writes").isNotDone();
    Epoch without = cluster.state().epoch();
    List<TestNode> fewer = new ArrayList<>(others);
    fewer.remove(slow);
    cluster.announceEpochOf(fewer);
    others.forEach(node -> node.view.serve(without));
    assertThat(ended).as("one more has gone").isNotDone();
    cluster.serveNewest(others);
    assertThat(ended).isDone();
    next.transport.trouble(gateway, Trouble.NONE);
  }

  @Test
  void aGatewayThatHasNotHeardOfTheGrantIsAskedAgain() {
    Request drain = Request.of(Opcode.PEER_DRAIN, PeerBody.of(INODE, 0, 0).withGeneration(2));
    assertThat(cluster.code(gateway.replica.handle(drain, Unpooled.EMPTY_BUFFER)))
        .isEqualTo(ResultCode.AGAIN);

    next.lock(HEAD);
    assertThat(cluster.code(gateway.replica.handle(drain, Unpooled.EMPTY_BUFFER)))
        .isEqualTo(ResultCode.SUCCESS);
  }
}
