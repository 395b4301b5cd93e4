package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** Reads pieces of the best copy that a node has of an object, this node included. */
final class CopyPieces {
  private final ClusterView cluster;
  private final LocalCopies copies;
  private final Transport transport;
  private long fetched;

  CopyPieces(ClusterView cluster, LocalCopies copies, Transport transport) {
    this.cluster = cluster;
    this.copies = copies;
    this.transport = transport;
  }

  /**
   * What a node says of its best copy.
   *
   * @param lastValid newest epoch whose writes are all in it
   * @param data owned by the receiver
   */
  record Answer(ResultCode code, Epoch lastValid, ByteBuf data) {}

  /** Bytes of objects that other nodes have given since this one was started. */
  long fetched() {
    return fetched;
  }

  /** {@code length} bytes from {@code offset}; 0 only asks which copy it is. */
  CompletionStage<Answer> of(NodeAddress node, ObjectId oid, Epoch epoch, long offset, int length) {
    if (cluster.isSelf(node)) {
      return copies.best(oid, offset, length).thenApply(CopyPieces::toAnswer);
    }
    Request request =
        Request.of(Opcode.PEER_FETCH, RequestFlags.NONE, length, PeerBody.of(oid, offset, length))
            .withEpoch(epoch);
    return transport.send(node, request, Unpooled.EMPTY_BUFFER).thenApply(this::toAnswer);
  }

  private static Answer toAnswer(LocalCopies.Piece piece) {
    ReadOutcome read = piece.data();
    return new Answer(
        ReplicaService.toResult(read.status()), piece.validity().lastValid(), read.data());
  }

  private Answer toAnswer(Reply reply) {
    fetched += reply.payload().readableBytes();
    ResultCode code = reply.header().resultCode();
    Epoch lastValid =
        reply.header().body() instanceof PeerReply body ? new Epoch((int) body.aux()) : Epoch.ZERO;
    return new Answer(code == null ? ResultCode.SYSTEM_ERROR : code, lastValid, reply.payload());
  }
}
