package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.ObjectReply;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseBody;

/** Makes the replies of a replica: they say which daemon answers, and what it has applied. */
record PeerReplies(ClusterView cluster) {
  Reply of(Request request, ResultCode code) {
    return of(request, code, 0, Unpooled.EMPTY_BUFFER);
  }

  /**
   * A reply that carries something.
   *
   * @param aux what the operation says of it
   * @param payload belongs to the reply
   */
  Reply of(Request request, ResultCode code, long aux, ByteBuf payload) {
    Opcode opcode = request.operation();
    ResponseBody body =
        opcode != null && opcode.isOurs()
            ? new PeerReply(cluster.incarnation(), cluster.state().sequence(), aux)
            : ObjectReply.EMPTY;
    Response header =
        Response.to(request, cluster.servingEpoch(), code, body)
            .withDataLength(payload.readableBytes());
    return new Reply(header, payload);
  }
}
