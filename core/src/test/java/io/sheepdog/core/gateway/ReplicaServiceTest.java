package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.Reservation;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.PeerWriteBody;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ReplicaServiceTest extends GatewayTest {
  private static final Epoch NOW = new Epoch(1);

  private TestNode holder() {
    return cluster.targets(DATA).get(0);
  }

  private CompletionStage<Reply> ask(TestNode node, Request request, byte[] bytes) {
    ByteBuf payload = cluster.buffer(bytes);
    CompletionStage<Reply> reply = node.replica.handle(request, payload);
    payload.release();
    return reply;
  }

  private CompletionStage<Reply> ask(TestNode node, Request request) {
    return ask(node, request, new byte[0]);
  }

  private static Request read(Epoch epoch, int length) {
    return Request.of(Opcode.PEER_READ, RequestFlags.NONE, length, PeerBody.of(DATA, 0, length))
        .withEpoch(epoch);
  }

  @Test
  void anOldEpochIsRefusedWithTheOwnOneInTheHeader() {
    given(DATA, 1);
    cluster.epochOf(cluster.nodes);
    Reply reply = cluster.await(ask(holder(), read(NOW, 4)));
    reply.release();

    assertThat(reply.header().resultCode()).isEqualTo(ResultCode.OLD_NODE_VER);
    assertThat(reply.header().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void aNewerEpochIsWaitedFor() {
    given(DATA, 1);
    TestNode holder = holder();
    var reply = ask(holder, read(new Epoch(2), 4)).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(reply).isNotDone();

    cluster.epochOf(cluster.nodes);
    assertThat(cluster.bytes(reply)).isEqualTo(filled(4, 1));
  }

  @Test
  void aNewerEpochIsNotWaitedForWithoutEnd() {
    given(DATA, 1);
    TestNode holder = holder();
    var reply = ask(holder, read(new Epoch(2), 4)).toCompletableFuture();
    cluster.run(11_000_000_000L);

    assertThat(reply).isDone();
    assertThat(cluster.code(reply)).isEqualTo(ResultCode.NEW_NODE_VER);
    cluster.epochOf(cluster.nodes);
    assertThat(cluster.bytes(ask(holder, read(new Epoch(2), 4)))).isEqualTo(filled(4, 1));
  }

  @Test
  void aRequestForAnEarlierStartOfTheDaemonIsRefusedAndTheAnswerNamesThisOne() {
    given(DATA, 1);
    Request stale =
        Request.of(
                Opcode.PEER_READ, RequestFlags.NONE, 4, PeerBody.of(DATA, 0, 4).withIncarnation(77))
            .withEpoch(NOW);
    Reply reply = cluster.await(ask(holder(), stale));
    reply.release();

    assertThat(reply.header().resultCode()).isEqualTo(ResultCode.NETWORK_ERROR);
    assertThat(reply.header().body())
        .isInstanceOfSatisfying(
            PeerReply.class, b -> assertThat(b.incarnation()).isEqualTo(holder().incarnation));
  }

  @Test
  void dogsPeerOperationsWork() {
    TestNode node = cluster.node(1);
    ObjectId oid = ObjectId.data(HEAD, 9);
    Request create =
        Request.of(Opcode.CREATE_AND_WRITE_PEER, RequestFlags.WRITE, 4, ObjectBody.of(oid, 2))
            .withEpoch(NOW);
    assertThat(cluster.code(ask(node, create, filled(4, 5)))).isEqualTo(ResultCode.SUCCESS);
    Request write =
        Request.of(Opcode.WRITE_PEER, RequestFlags.WRITE, 1, ObjectBody.of(oid, 3)).withEpoch(NOW);
    assertThat(cluster.code(ask(node, write, filled(1, 6)))).isEqualTo(ResultCode.SUCCESS);
    Request read =
        Request.of(Opcode.READ_PEER, RequestFlags.NONE, 8, ObjectBody.of(oid, 0)).withEpoch(NOW);
    assertThat(cluster.bytes(ask(node, read))).containsExactly(0, 0, 5, 6, 5, 5, 0, 0);
    Request exist = Request.of(Opcode.EXIST, ObjectBody.of(oid, 0));
    assertThat(cluster.code(ask(node, exist))).isEqualTo(ResultCode.SUCCESS);
    Request remove = Request.of(Opcode.REMOVE_PEER, ObjectBody.of(oid, 0)).withEpoch(NOW);
    assertThat(cluster.code(ask(node, remove))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(ask(node, exist))).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void theObjectsOfAVdiAreListed() {
    given(DATA, 1);
    Request list = Request.of(Opcode.PEER_LIST, RequestFlags.NONE, 1024, PeerBody.of(INODE, 0, 0));
    Reply reply = cluster.await(ask(holder(), list));

    assertThat(reply.header().dataLength()).isEqualTo(reply.payload().readableBytes());
    boolean found = false;
    while (reply.payload().isReadable()) {
      found |= reply.payload().readLongLE() == DATA.value();
    }
    assertThat(found).isTrue();
    reply.release();
    Request small = Request.of(Opcode.PEER_LIST, RequestFlags.NONE, 4, PeerBody.of(INODE, 0, 0));
    assertThat(cluster.code(ask(holder(), small))).isEqualTo(ResultCode.BUFFER_SMALL);
  }

  @Test
  void aDrainIsRefusedUntilTheFreezeHasArrivedAndThenWaitsForTheWrites() {
    given(DATA, 1);
    Request drain = Request.of(Opcode.PEER_DRAIN, PeerBody.of(INODE, 0, 0));
    assertThat(cluster.code(ask(gateway, drain))).isEqualTo(ResultCode.AGAIN);

    var write = gateway.write(DATA, 0, filled(8, 2)).toCompletableFuture();
    VdiId next = new VdiId(0x21);
    cluster.directory(
        d ->
            d.put(TestCluster.entry(next, VdiEntry.State.RESERVED, TestCluster.NAME, 3, HEAD))
                .reserve(next, new Reservation(ReserveKind.SNAPSHOT, new MemberId(1), HEAD)));
    var drained = ask(gateway, drain).toCompletableFuture();
    assertThat(drained).isNotDone();

    assertThat(cluster.code(drained)).isEqualTo(ResultCode.SUCCESS);
    assertThat(write).isDone();
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aWriteUnderAnEarlierLockThanOneThatWasCarriedOutIsRefused() {
    given(DATA, 1);
    TestNode node = holder();
    assertThat(cluster.code(ask(node, write(2), filled(4, 2)))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(ask(node, write(1), filled(4, 3)))).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(cluster.bytes(ask(node, read(NOW, 4)))).isEqualTo(filled(4, 2));

    assertThat(cluster.code(ask(node, write(0), filled(4, 4)))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(ask(node, write(3), filled(4, 5)))).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aWriteUnderALockThatWasGrantedAgainIsCarriedOut() {
    given(DATA, 1);
    TestNode node = holder();
    gateway.lock(HEAD);
    gateway.lock(HEAD);

    assertThat(cluster.code(ask(node, write(1), filled(4, 2)))).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aClientsWriteToAVidThatIsNotKnownToBeCommittedIsPutOff() {
    given(DATA, 1);
    TestNode node = holder();
    cluster.directory(
        d -> d.put(TestCluster.entry(HEAD, VdiEntry.State.RESERVED, TestCluster.NAME, 2, HEAD)));
    assertThat(cluster.code(ask(node, write(1), filled(4, 2)))).isEqualTo(ResultCode.AGAIN);
    assertThat(cluster.code(ask(node, write(0), filled(4, 2)))).isEqualTo(ResultCode.SUCCESS);
  }

  private static Request write(long generation) {
    return Request.of(
            Opcode.PEER_WRITE,
            RequestFlags.WRITE,
            4,
            new PeerWriteBody(DATA, generation, 0, 1, 0, 0))
        .withEpoch(NOW);
  }

  @Test
  void nonsenseIsRefused() {
    Request raw = Request.of(Opcode.PEER_READ, RawBody.EMPTY).withEpoch(NOW);
    assertThat(cluster.code(ask(gateway, raw))).isEqualTo(ResultCode.INVALID_PARMS);
    Request wrongKind =
        Request.of(Opcode.PEER_READ, PeerBody.of(new ObjectId(-1), 0, 0)).withEpoch(NOW);
    assertThat(cluster.code(ask(gateway, wrongKind))).isEqualTo(ResultCode.INVALID_PARMS);
    Request tooLong =
        Request.of(Opcode.PEER_READ, RequestFlags.NONE, 4, PeerBody.of(DATA, 0, OBJECT))
            .withEpoch(NOW);
    assertThat(cluster.code(ask(gateway, tooLong))).isEqualTo(ResultCode.BUFFER_SMALL);
  }
}
