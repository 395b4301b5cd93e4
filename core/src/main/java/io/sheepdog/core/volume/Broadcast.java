package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Asks every member of the cluster the same thing about a VDI and waits for all. A member that
 * leaves meanwhile stops counting; one that cannot be reached while it is a member is asked again.
 */
final class Broadcast {
  private static final Duration RETRY = Duration.ofMillis(50);
  private static final int LIST_ROOM = 8 << 20;

  private final ClusterAgent agent;
  private final Transport transport;
  private final ReplicaService local;
  private final Scheduler scheduler;

  Broadcast(ClusterAgent agent, Transport transport, ReplicaService local, Scheduler scheduler) {
    this.agent = agent;
    this.transport = transport;
    this.local = local;
    this.scheduler = scheduler;
  }

  /**
   * No write of a client to this VDI is in flight anywhere (the state already keeps new ones from
   * starting).
   */
  CompletionStage<ResultCode> drain(VdiId vid) {
    return ask(Opcode.PEER_DRAIN, PeerBody.of(ObjectId.inode(vid), 0, 0), 0, payload -> {});
  }

  /** Everything ever written to this VDI is on stable storage everywhere. */
  CompletionStage<ResultCode> sync(VdiId vid) {
    return ask(Opcode.PEER_SYNC, PeerBody.of(ObjectId.inode(vid), 0, 0), 0, payload -> {});
  }

  /**
   * Every object of this VDI that any member holds is added to {@code found}, possibly more than
   * once.
   */
  CompletionStage<ResultCode> list(VdiId vid, Consumer<ObjectId> found) {
    return ask(
        Opcode.PEER_LIST,
        PeerBody.of(ObjectId.inode(vid), 0, 0),
        LIST_ROOM,
        payload -> {
          while (payload.readableBytes() >= Long.BYTES) {
            found.accept(new ObjectId(payload.readLongLE()));
          }
        });
  }

  /**
   * Reads the same bytes of an object from every replica, whatever write is on its way.
   *
   * @param onPayload gets the bytes of each replica in turn; keeps nothing
   * @return AGAIN when the replicas changed meanwhile
   */
  CompletionStage<ResultCode> readEach(
      ObjectId oid, long offset, int length, Consumer<ByteBuf> onPayload) {
    Epoch epoch = agent.servingEpoch();
    int copies = agent.state().copiesIn(oid, agent.state().epoch());
    List<NodeAddress> targets = agent.ring().targets(oid, Math.max(1, copies));
    List<Member> members =
        agent.state().syncedMembers().stream()
            .filter(member -> targets.contains(member.node().address()))
            .toList();
    if (members.isEmpty()) {
      return Steps.ended(ResultCode.AGAIN);
    }
    return Steps.then(
        Steps.forEach(
            members,
            members.size(),
            member ->
                askOne(
                    member, Opcode.PEER_READ, PeerBody.of(oid, offset, length), length, onPayload)),
        () ->
            Steps.ended(
                epoch.equals(agent.servingEpoch()) ? ResultCode.SUCCESS : ResultCode.AGAIN));
  }

  private CompletionStage<ResultCode> ask(
      Opcode opcode, PeerBody what, int room, Consumer<ByteBuf> onPayload) {
    List<Member> members = agent.state().syncedMembers();
    return Steps.forEach(
        members, members.size(), member -> askOne(member, opcode, what, room, onPayload));
  }

  private CompletionStage<ResultCode> askOne(
      Member member, Opcode opcode, PeerBody what, int room, Consumer<ByteBuf> onPayload) {
    Member current = agent.state().members().get(member.id());
    if (current == null) {
      return Steps.success();
    }
    Request request =
        Request.of(opcode, RequestFlags.NONE, room, what).withEpoch(agent.servingEpoch());
    return send(member, request)
        .thenCompose(
            reply -> {
              ResultCode code = take(reply, onPayload);
              return isPassing(code)
                  ? later().thenCompose(ignored -> askOne(member, opcode, what, room, onPayload))
                  : Steps.ended(code);
            });
  }

  private CompletionStage<Reply> send(Member member, Request request) {
    return agent.isSelf(member.id())
        ? local.handle(request, Unpooled.EMPTY_BUFFER)
        : transport.send(member.node().address(), request, Unpooled.EMPTY_BUFFER);
  }

  private static ResultCode take(Reply reply, Consumer<ByteBuf> onPayload) {
    try {
      ResultCode code = reply.header().resultCode();
      if (code == ResultCode.SUCCESS) {
        onPayload.accept(reply.payload());
      }
      return code == null ? ResultCode.SYSTEM_ERROR : code;
    } finally {
      reply.release();
    }
  }

  private static boolean isPassing(ResultCode code) {
    return switch (code) {
      case NETWORK_ERROR, OLD_NODE_VER, NEW_NODE_VER, WAIT_FOR_JOIN, WAIT_FOR_FORMAT, AGAIN -> true;
      default -> false;
    };
  }

  private CompletionStage<Void> later() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    scheduler.schedule(RETRY, () -> stage.complete(null));
    return stage;
  }
}
