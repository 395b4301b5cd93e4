package io.sheepdog.core.replica;

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
   */
  record Answer(ResultCode code, Epoch lastValid, @Nullable ObjectDigest digest) {}

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
        Request.of(
                Opcode.PEER_DIGEST,
                RequestFlags.NONE,
                ObjectDigest.MAX_BYTES,
                PeerBody.of(oid, 0, 0))
            .withEpoch(epoch);
    return transport
        .send(node, request, Unpooled.EMPTY_BUFFER)
        .thenApply(reply -> take(oid, reply));
  }

  private Answer take(ObjectId oid, Reply reply) {
    try {
      ResultCode code = reply.header().resultCode();
      ObjectAttributes shape = shapes.of(oid);
      if (code != ResultCode.SUCCESS || shape == null) {
        return new Answer(
            code == null || shape == null ? ResultCode.AGAIN : code, Epoch.ZERO, null);
      }
      long lastValid = reply.header().body() instanceof PeerReply body ? body.aux() : 0;
      return new Answer(
          code, new Epoch((int) lastValid), ObjectDigest.read(shape.size(), reply.payload()));
    } catch (IllegalArgumentException e) {
      // a copy of another size than objects of that VDI have
      return new Answer(ResultCode.EIO, Epoch.ZERO, null);
    } finally {
      reply.release();
    }
  }
}
