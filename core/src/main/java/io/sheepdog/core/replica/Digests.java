package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
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
import org.jspecify.annotations.Nullable;

/** Asks nodes, this one included, for the checksums of their best copy of an object. */
final class Digests {
  /** Bytes behind the checksums: version, and whether writes may be lost. */
  private static final int TAIL = 2 * Long.BYTES;

  /** Bytes of the longest answer. */
  private static final int MAX_BYTES = ObjectDigest.MAX_BYTES + TAIL;

  private final ClusterView cluster;
  private final LocalCopies copies;
  private final ObjectShapes shapes;
  private final Transport transport;

  Digests(ClusterView cluster, LocalCopies copies, ObjectShapes shapes, Transport transport) {
    this.cluster = cluster;
    this.copies = copies;
    this.shapes = shapes;
    this.transport = transport;
  }

  /**
   * What a node says of its best copy, which it has made durable.
   *
   * @param code SUCCESS; NO_OBJ when it has none; or why it cannot tell
   * @param lastValid newest epoch whose writes are all in it
   * @param digest of that copy when SUCCESS, else null
   * @param version of the copy, for {@link io.sheepdog.core.spi.ObjectStore#markClean}
   * @param incarnation of the node; 0 unless it answered
   * @param mayHaveLost {@link io.sheepdog.core.spi.ObjectStore#mayHaveLostWrites}
   */
  record Answer(
      ResultCode code,
      Epoch lastValid,
      @Nullable ObjectDigest digest,
      long version,
      long incarnation,
      boolean mayHaveLost) {
    static Answer none(ResultCode code) {
      return new Answer(code, Epoch.ZERO, null, 0, 0, false);
    }
  }

  /** Of this node. */
  CompletionStage<Answer> local(ObjectId oid) {
    return copies.digest(oid);
  }

  /** Of a node, in the epoch being served. */
  CompletionStage<Answer> of(NodeAddress node, ObjectId oid, Epoch epoch) {
    if (cluster.isSelf(node)) {
      return local(oid);
    }
    Request request =
        Request.of(Opcode.PEER_DIGEST, RequestFlags.NONE, MAX_BYTES, PeerBody.of(oid, 0, 0))
            .withEpoch(epoch);
    return transport
        .send(node, request, Unpooled.EMPTY_BUFFER)
        .thenApply(reply -> take(oid, reply));
  }

  /** Checksums, version, and 1 if writes may be lost, u64 little-endian each. */
  static ByteBuf encode(ObjectDigest digest, Answer answer) {
    ByteBuf sums = Unpooled.buffer(MAX_BYTES);
    digest.writeTo(sums);
    return sums.writeLongLE(answer.version()).writeLongLE(answer.mayHaveLost() ? 1 : 0);
  }

  private Answer take(ObjectId oid, Reply reply) {
    try {
      ResultCode code = reply.header().resultCode();
      ObjectAttributes shape = shapes.of(oid);
      if (code == null || shape == null || !(reply.header().body() instanceof PeerReply body)) {
        return Answer.none(ResultCode.AGAIN);
      }
      if (code != ResultCode.SUCCESS) {
        return Answer.none(code);
      }
      ByteBuf sums = reply.payload();
      ObjectDigest digest =
          ObjectDigest.read(shape.size(), sums.readSlice(Math.max(0, sums.readableBytes() - TAIL)));
      long version = sums.readLongLE();
      boolean mayHaveLost = sums.readLongLE() != 0;
      Epoch lastValid = new Epoch((int) body.aux());
      return new Answer(code, lastValid, digest, version, body.incarnation(), mayHaveLost);
    } catch (IllegalArgumentException e) {
      // a copy of another size than objects of that VDI have
      return Answer.none(ResultCode.EIO);
    } finally {
      reply.release();
    }
  }
}
