package io.sheepdog.daemon.absence;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.nio.charset.StandardCharsets;

/** The answer to NODE_STATUS. */
public final class StatusReply {
  private StatusReply() {}

  /**
   * The answer.
   *
   * @param incarnation of the daemon as a member, 0 if it is none
   * @param text why the node serves nothing, empty if it serves
   */
  public static Reply of(Request request, Epoch epoch, long incarnation, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    PeerReply body = new PeerReply(incarnation, 0, 0);
    if (bytes.length > request.replyRoom()) {
      return new Reply(
          Response.to(request, epoch, ResultCode.BUFFER_SMALL, body), Unpooled.EMPTY_BUFFER);
    }
    ByteBuf payload = bytes.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes);
    return new Reply(
        Response.to(request, epoch, ResultCode.SUCCESS, body).withDataLength(bytes.length),
        payload);
  }

  static Reply code(Request request, Epoch epoch, ResultCode code) {
    return new Reply(Response.to(request, epoch, code), Unpooled.EMPTY_BUFFER);
  }
}
