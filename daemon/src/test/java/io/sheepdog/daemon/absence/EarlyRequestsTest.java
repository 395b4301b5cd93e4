package io.sheepdog.daemon.absence;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.net.RequestHandler;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
@ExtendWith(NoLeaks.class)
class EarlyRequestsTest {
  private final Absence absence = new Absence();
  private final List<String> killed = new ArrayList<>();
  private final EarlyRequests early = new EarlyRequests(absence, () -> killed.add("killed"));
  private final Node node = new Node();

  /** A node that carries out at once, and remembers it. */
  private static final class Node implements RequestHandler {
    final List<String> events = new ArrayList<>();

    @Override
    public Session open(String clientAddress) {
      events.add("open " + clientAddress);
      return new Session() {
        @Override
        public void greeted(long incarnation) {}

        @Override
        public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
          String text = payload.toString(StandardCharsets.UTF_8);
          events.add(clientAddress + " " + request.operation() + " " + text);
          return CompletableFuture.completedFuture(
              StatusReply.code(request, new Epoch(7), ResultCode.SUCCESS));
        }

        @Override
        public void close() {
          events.add("close " + clientAddress);
        }
      };
    }
  }

  private static Request request(Opcode opcode, RequestBody body) {
    return Request.of(opcode, RequestFlags.NONE, 4096, body);
  }

  private static Request write() {
    ObjectBody body = new ObjectBody(new ObjectId(1), new ObjectId(0), 0, 0, 0, Epoch.ZERO, 0);
    return Request.of(Opcode.WRITE_OBJ, RequestFlags.WRITE, 4, body);
  }

  /** Sends as the server does: the payload is released when the call returns. */
  private static CompletableFuture<Reply> send(
      RequestHandler.Session session, Request request, String payload) {
    ByteBuf bytes = Unpooled.directBuffer(16);
    bytes.writeCharSequence(payload, StandardCharsets.UTF_8);
    try {
      return session.handle(request, bytes).toCompletableFuture();
    } finally {
      bytes.release();
    }
  }

  private static Response now(CompletableFuture<Reply> answer) {
    assertThat(answer).isDone();
    return answer.join().header();
  }

  @Test
  void requestsOfClientsAndPeersWaitAndAreCarriedOutInOrderByTheMember() {
    RequestHandler.Session client = early.open("client");
    RequestHandler.Session peer = early.open("peer");
    CompletableFuture<Reply> lock = send(client, request(Opcode.LOCK_VDI, VdiBody.lookup(0)), "a");
    CompletableFuture<Reply> write = send(client, write(), "data");
    CompletableFuture<Reply> read =
        send(peer, request(Opcode.PEER_READ, PeerBody.of(new ObjectId(1), 0, 8)), "");
    assertThat(List.of(lock, write, read)).noneMatch(CompletableFuture::isDone);
    assertThat(early.handedOver()).isFalse();

    early.handOver(node);

    assertThat(node.events)
        .containsExactly(
            "open client",
            "open peer",
            "client LOCK_VDI a",
            "client WRITE_OBJ data",
            "peer PEER_READ ");
    assertThat(List.of(now(lock), now(write), now(read))).allMatch(Response::isSuccess);
    assertThat(early.handedOver()).isTrue();
  }

  @Test
  void nothingIsCarriedOutForAClientThatWentAwayMeanwhile() {
    RequestHandler.Session gone = early.open("gone");
    RequestHandler.Session patient = early.open("patient");
    CompletableFuture<Reply> lock = send(gone, request(Opcode.LOCK_VDI, VdiBody.lookup(0)), "a");
    CompletableFuture<Reply> write = send(gone, write(), "data");
    send(patient, write(), "kept");

    gone.close();

    assertThat(now(lock).is(ResultCode.WAIT_FOR_JOIN)).isTrue();
    assertThat(now(write).is(ResultCode.WAIT_FOR_JOIN)).isTrue();
    early.handOver(node);
    assertThat(node.events).containsExactly("open patient", "patient WRITE_OBJ kept");
  }

  @Test
  void afterwardsOldAndNewConnectionsAreTheNodes() {
    RequestHandler.Session old = early.open("old");
    early.handOver(node);
    RequestHandler.Session young = early.open("young");
    send(old, write(), "1");
    send(young, write(), "2");
    old.close();
    young.close();
    assertThat(node.events)
        .containsExactly(
            "open old",
            "open young",
            "old WRITE_OBJ 1",
            "young WRITE_OBJ 2",
            "close old",
            "close young");
  }

  @ParameterizedTest
  @EnumSource(
      value = Opcode.class,
      names = {
        "GET_NODE_LIST",
        "STAT_CLUSTER",
        "CLUSTER_INFO",
        "GET_VDI_COPIES",
        "STAT_SHEEP",
        "MAKE_FS",
        "SHUTDOWN"
      })
  void administratorsHearAtOnceThatTheNodeWaits(Opcode opcode) {
    RequestHandler.Session tool = early.open("tool");
    assertThat(now(send(tool, request(opcode, RawBody.EMPTY), "")).resultCode())
        .isEqualTo(ResultCode.WAIT_FOR_JOIN);
  }

  @Test
  void theReasonIsToldInWords() {
    absence.because("its corosync has no quorum (ring 1.2a: nodes 4 5 of 5)", "there is quorum");
    Reply reply = send(early.open("tool"), request(Opcode.NODE_STATUS, RawBody.EMPTY), "").join();
    assertThat(reply.header().body()).isEqualTo(new PeerReply(0, 0, 0));
    assertThat(reply.header().dataLength()).isEqualTo(reply.payload().readableBytes());
    assertThat(reply.payload().toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "This node is not a member of the cluster: its corosync has no quorum (ring 1.2a:"
                + " nodes 4 5 of 5). It serves nothing until there is quorum.");
  }

  @Test
  void aReasonIsNeverLongerThanTheToolHasRoomFor() {
    absence.because("x".repeat(100_000), "y".repeat(100_000));
    RequestHandler.Session tool = early.open("tool");
    assertThat(now(send(tool, request(Opcode.NODE_STATUS, RawBody.EMPTY), "")).isSuccess())
        .isTrue();
    Request small = Request.of(Opcode.NODE_STATUS, RequestFlags.NONE, 10, RawBody.EMPTY);
    assertThat(now(send(tool, small, "")).is(ResultCode.BUFFER_SMALL)).isTrue();
  }

  @Test
  void theProcessCanBeEnded() {
    Response answer = now(send(early.open("tool"), request(Opcode.KILL_NODE, RawBody.EMPTY), ""));
    assertThat(answer.isSuccess()).isTrue();
    assertThat(killed).containsExactly("killed");
  }

  @Test
  void aLossIsRememberedUntilTheNodeServesAgain() {
    absence.lost("nodes [3] have lost quorum");
    assertThat(absence.sentence()).contains("joins again (nodes [3] have lost quorum)");
    absence.because("it is joining", "it has joined");
    assertThat(absence.loss()).isEqualTo("nodes [3] have lost quorum");
    absence.over();
    assertThat(absence.loss()).isEmpty();
  }
}
