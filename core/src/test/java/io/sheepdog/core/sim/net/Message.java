package io.sheepdog.core.sim.net;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;

/**
 * What travels: headers as values, payloads as bytes that share nothing with the sender's buffers.
 */
public final class Message {
  private Message() {}

  /**
   * A reply on its way.
   *
   * @param header as the server wrote it
   * @param payload the bytes after it
   */
  public record Answer(Response header, byte[] payload) {
    /** Takes over a reply: copies its payload and releases it. */
    static Answer of(Reply reply, EventQueue queue) {
      byte[] bytes = ByteBufUtil.getBytes(reply.payload());
      reply.release();
      if (reply.header().dataLength() != bytes.length) {
        queue.report(
            new AssertionError(
                "reply carries "
                    + bytes.length
                    + " bytes, other than announced: "
                    + reply.header()));
      }
      return new Answer(reply.header(), bytes);
    }

    /** The reply in a buffer of the receiver. */
    Reply toReply(BufferLedger receiver) {
      return new Reply(
          header, payload.length == 0 ? Unpooled.EMPTY_BUFFER : receiver.bufferOf(payload));
    }
  }

  /** What a transport answers when nobody else does. */
  static Reply networkError(Request request) {
    return new Reply(
        Response.to(request, Epoch.ZERO, ResultCode.NETWORK_ERROR, NoBody.INSTANCE),
        Unpooled.EMPTY_BUFFER);
  }
}
