package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What may go out as the reply to a request. */
final class ReplyRules {
  private static final int OPCODE_OFFSET = 1;
  private static final int ID_OFFSET = 8;
  private static final int RESULT_OFFSET = 16;

  private ReplyRules() {}

  /** The outcome of a request as a reply that no client can stumble over. */
  static Reply reply(
      String client,
      Request request,
      @Nullable Reply reply,
      @Nullable Throwable failure,
      Complaints badFrames) {
    return reply == null
        ? failed(client, request, failure, badFrames)
        : checked(client, request, reply);
  }

  private static Reply failed(
      String client, Request request, @Nullable Throwable failure, Complaints badFrames) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof ProtocolException) {
      badFrames.log("client={} request={} reason=\"{}\"", client, request, cause.getMessage());
      return error(request, ResultCode.INVALID_PARMS);
    }
    NetEvent.REQUEST_FAILED.log("client={} request={}", client, request, cause);
    return error(request, ResultCode.SYSTEM_ERROR);
  }

  /**
   * Violations would make a client lose its place in the stream (spec/wire-protocol.md section
   * 1.1).
   */
  private static Reply checked(String client, Request request, Reply reply) {
    int length = reply.payload().readableBytes();
    if (length == reply.header().dataLength() && length <= request.replyRoom()) {
      return reply;
    }
    NetEvent.BAD_REPLY.log(
        "client={} request={} reply={} payload={}", client, request, reply.header(), length);
    reply.release();
    return error(request, ResultCode.SYSTEM_ERROR);
  }

  private static Reply error(Request request, ResultCode code) {
    return new Reply(Response.to(request, Epoch.ZERO, code), Unpooled.EMPTY_BUFFER);
  }

  /** The header's bytes; opcode and id are the request's, wherever the reply came from. */
  static ByteBuf encode(Request request, Response response, ByteBufAllocator allocator) {
    ByteBuf header = allocator.directBuffer(Limits.HEADER_SIZE, Limits.HEADER_SIZE);
    ResponseCodec.encode(response, header);
    header.setByte(OPCODE_OFFSET, request.opcode());
    header.setIntLE(ID_OFFSET, request.id());
    return header;
  }

  /** The header's bytes of an answer to something that is not a request. */
  static ByteBuf refusal(int opcode, int id, ResultCode code, ByteBufAllocator allocator) {
    ByteBuf header = allocator.directBuffer(Limits.HEADER_SIZE, Limits.HEADER_SIZE);
    header.writeZero(Limits.HEADER_SIZE);
    header.setByte(OPCODE_OFFSET, opcode);
    header.setIntLE(ID_OFFSET, id);
    header.setIntLE(RESULT_OFFSET, code.code());
    return header;
  }
}
