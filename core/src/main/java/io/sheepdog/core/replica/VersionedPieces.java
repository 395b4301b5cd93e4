package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.PeerVersionBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads and overwrites pieces of copies, here and at other nodes, that nothing has changed since
 * they were summed up; AGAIN when something has.
 */
final class VersionedPieces {
  private final ClusterView cluster;
  private final ObjectStore store;
  private final Transport transport;

  VersionedPieces(ClusterView cluster, ObjectStore store, Transport transport) {
    this.cluster = cluster;
    this.store = store;
    this.transport = transport;
  }

  /**
   * Which copy is meant.
   *
   * @param epoch in which its home gave the version
   */
  record Version(NodeAddress home, ObjectId oid, Epoch epoch, long incarnation, long version) {}

  /** Bytes when SUCCESS; owned by the receiver. */
  record Piece(ResultCode code, ByteBuf data) {
    static Piece failed(ResultCode code) {
      return new Piece(code, Unpooled.EMPTY_BUFFER);
    }
  }

  /** The version that the copy has now, when SUCCESS. */
  record Patched(ResultCode code, long version) {
    static Patched failed(ResultCode code) {
      return new Patched(code, 0);
    }
  }

  /** Reads {@code length} bytes. */
  CompletionStage<Piece> read(Version copy, long offset, int length) {
    if (cluster.isSelf(copy.home())) {
      return isPast(copy)
          ? CompletableFuture.completedFuture(Piece.failed(ResultCode.AGAIN))
          : store
              .readVersion(copy.oid(), copy.version(), offset, length)
              .thenApply(read -> new Piece(ReplicaService.toResult(read.status()), read.data()));
    }
    Request request = request(Opcode.PEER_PIECE, RequestFlags.NONE, copy, offset, length);
    return transport
        .send(copy.home(), request, Unpooled.EMPTY_BUFFER)
        .thenApply(reply -> toPiece(reply, length));
  }

  /** Overwrites durably; the payload is not consumed. */
  CompletionStage<Patched> patch(Version copy, long offset, ByteBuf data) {
    if (cluster.isSelf(copy.home())) {
      return isPast(copy)
          ? CompletableFuture.completedFuture(Patched.failed(ResultCode.AGAIN))
          : store
              .patch(copy.oid(), copy.version(), offset, data)
              .thenApply(
                  done -> new Patched(ReplicaService.toResult(done.status()), done.version()));
    }
    int length = data.readableBytes();
    Request request = request(Opcode.PEER_PATCH, RequestFlags.WRITE, copy, offset, length);
    return transport.send(copy.home(), request, data).thenApply(VersionedPieces::toPatched);
  }

  private boolean isPast(Version copy) {
    return !copy.epoch().equals(cluster.servingEpoch())
        || copy.incarnation() != cluster.incarnation();
  }

  private static Request request(Opcode opcode, int flags, Version copy, long offset, int length) {
    return Request.of(
            opcode,
            flags,
            length,
            new PeerVersionBody(copy.oid(), copy.version(), offset, length, copy.incarnation()))
        .withEpoch(copy.epoch());
  }

  private static Piece toPiece(Reply reply, int length) {
    ResultCode code = codeOf(reply);
    if (code == ResultCode.SUCCESS && reply.payload().readableBytes() == length) {
      return new Piece(code, reply.payload());
    }
    reply.release();
    return Piece.failed(code == ResultCode.SUCCESS ? ResultCode.EIO : code);
  }

  private static Patched toPatched(Reply reply) {
    ResultCode code = codeOf(reply);
    long version = reply.header().body() instanceof PeerReply body ? body.aux() : 0;
    reply.release();
    return code == ResultCode.SUCCESS ? new Patched(code, version) : Patched.failed(code);
  }

  private static ResultCode codeOf(Reply reply) {
    ResultCode code = reply.header().resultCode();
    return code == null ? ResultCode.SYSTEM_ERROR : code;
  }
}
