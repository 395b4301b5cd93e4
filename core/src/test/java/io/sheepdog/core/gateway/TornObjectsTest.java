package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.TestTransport.Trouble;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway dies in the middle of a write (R16). */
class TornObjectsTest extends GatewayTest {
  private static final int LENGTH = 4096;
  private static final long SECOND = 1_000_000_000;
  private static final int OLD = 1;
  private static final int NEW = 2;

  /** A data object that the gateway has no replica of, so all its replicas outlive it. */
  private ObjectId oid = DATA;

  @BeforeEach
  void anObjectIsElsewhere() {
    for (int index = 4; cluster.targets(oid).contains(gateway); index++) {
      oid = ObjectId.data(HEAD, index);
    }
    given(oid, OLD);
  }

  /** It is let go on, so that it gives back what it holds. */
  @AfterEach
  void theDeadGatewayEnds() {
    survivors().forEach(node -> gateway.transport.trouble(node, Trouble.NONE));
    gateway.view.serve(cluster.state().epoch());
    cluster.run(SECOND);
  }

  private List<TestNode> survivors() {
    List<TestNode> rest = new ArrayList<>(cluster.nodes);
    rest.remove(gateway);
    return rest;
  }

  /** The gateway writes, only these replicas hear of it, and it dies. */
  private void tearWrite(List<TestNode> reached) {
    survivors().stream()
        .filter(node -> !reached.contains(node))
        .forEach(node -> gateway.transport.trouble(node, Trouble.SILENT));
    gateway.write(oid, 0, filled(LENGTH, NEW));
    cluster.run(SECOND);
  }

  private void gatewayDies() {
    cluster.epochOf(survivors());
    survivors().forEach(node -> gateway.transport.trouble(node, Trouble.NONE));
  }

  private List<TestNode> homes() {
    return survivors().stream().filter(node -> node.disk.holds(oid)).toList();
  }

  private void assertEverywhere(int value) {
    assertThat(homes()).hasSize(3);
    for (TestNode home : homes()) {
      assertThat(onDisk(home, oid, 0, LENGTH)).as(home.address.toString()).containsOnly(value);
    }
  }

  @Test
  void whatTheFirstHomeLacksIsTakenBackElsewhere() {
    TestNode last = cluster.targets(oid).get(2);
    tearWrite(List.of(last));
    assertThat(onDisk(last, oid, 0, LENGTH)).containsOnly(NEW);
    gatewayDies();
    cluster.run(SECOND);
    assertEverywhere(OLD);
  }

  @Test
  void whatTheFirstHomeHasIsGivenToTheOthers() {
    tearWrite(List.of(cluster.targets(oid).get(0)));
    gatewayDies();
    cluster.run(SECOND);
    assertEverywhere(NEW);
  }

  /** What the first home is to give has been changed by its disk. */
  @Test
  void whatTheFirstHomeCannotReadComesFromTheOthers() {
    for (TestNode node : survivors()) {
      if (node.disk.holds(oid)) {
        long version = cluster.await(node.store.digest(oid)).version();
        cluster.await(node.store.markClean(oid, version));
      }
    }
    TestNode last = cluster.targets(oid).get(2);
    tearWrite(List.of(last));
    TestNode first =
        survivors().stream()
            .filter(
                node ->
                    node.address.equals(
                        cluster.node(1).view.ring(cluster.state().epoch()).targets(oid, 3).get(0)))
            .findFirst()
            .orElseThrow();
    assertThat(first.disk.flip(oid, 5)).isTrue();
    gatewayDies();
    CompletionStage<Reply> read = last.read(oid, 0, LENGTH);
    cluster.run(2 * SECOND);
    byte[] bytes = cluster.bytes(read);
    assertThat(bytes).containsOnly(bytes[0]);
    assertEverywhere(bytes[0]);
    assertThat(homes()).noneMatch(home -> home.disk.isRotten(oid));
  }

  @Test
  void nothingIsReadOrWrittenUntilAllMembersHaveSaidWhatTheyKnow() {
    TestNode first = cluster.targets(oid).get(0);
    TestNode reader = cluster.targets(oid).get(1);
    TestNode other = cluster.targets(oid).get(2);
    tearWrite(List.of(other));
    first.transport.trouble(other, Trouble.SILENT);
    reader.transport.trouble(other, Trouble.SILENT);
    gatewayDies();
    CompletionStage<Reply> read = reader.read(oid, 0, LENGTH);
    cluster.run(500_000_000);
    assertThat(read.toCompletableFuture()).isNotDone();

    first.transport.trouble(other, Trouble.NONE);
    reader.transport.trouble(other, Trouble.NONE);
    assertThat(cluster.bytes(read)).containsOnly(OLD);
    cluster.run(SECOND);
    assertEverywhere(OLD);
  }

  @Test
  void objectsOfWhichAMissingAnswerCannotTellAreServed() {
    TestNode missing = cluster.targets(oid).get(2);
    ObjectId another = DATA;
    while (cluster.targets(another).contains(missing)) {
      another = ObjectId.data(HEAD, another.index() + 1);
    }
    given(another, OLD);
    tearWrite(List.of(cluster.targets(oid).get(0)));
    for (TestNode node : survivors()) {
      node.transport.trouble(missing, Trouble.SILENT);
    }
    gatewayDies();
    TestNode home = cluster.targets(another).get(0);
    assertThat(cluster.bytes(home.read(another, 0, LENGTH))).containsOnly(OLD);
    CompletionStage<Reply> read = cluster.targets(oid).get(0).read(oid, 0, LENGTH);
    cluster.run(SECOND);
    assertThat(read.toCompletableFuture()).isNotDone();
    survivors().forEach(node -> node.transport.trouble(missing, Trouble.NONE));
    assertThat(cluster.bytes(read)).containsOnly(NEW);
  }

  @Test
  void aWriteThatAllReplicasAnsweredIsNoSuspect() {
    assertThat(cluster.code(gateway.write(oid, 0, filled(LENGTH, NEW))))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(gateway.write(oid, LENGTH, filled(LENGTH, NEW))))
        .isEqualTo(ResultCode.SUCCESS);
    cluster.epochOf(survivors());
    for (TestNode home : survivors()) {
      // only the last write of a gateway is not known to have ended
      assertThat(torn(home)).containsOnly(LENGTH);
    }
    cluster.settle();
    for (TestNode home : survivors()) {
      assertThat(torn(home)).isEmpty();
    }
  }

  /** First bytes of the ranges that a node says may be torn. */
  private List<Integer> torn(TestNode node) {
    Request request =
        Request.of(Opcode.PEER_TORN, RequestFlags.NONE, 4096, PeerBody.of(new ObjectId(0), 0, 0))
            .withEpoch(cluster.state().epoch());
    Reply reply = node.replica.handle(request, Unpooled.EMPTY_BUFFER).toCompletableFuture().join();
    assertThat(reply.header().resultCode()).isEqualTo(ResultCode.SUCCESS);
    ByteBuf list = reply.payload();
    List<Integer> ranges = new ArrayList<>();
    while (list.isReadable()) {
      assertThat(new ObjectId(list.readLongLE())).isEqualTo(oid);
      int from = list.readIntLE();
      assertThat(list.readIntLE()).isEqualTo(from + LENGTH);
      ranges.add(from);
    }
    reply.release();
    return ranges;
  }
}
