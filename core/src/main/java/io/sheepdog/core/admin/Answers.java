package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseBody;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Makes replies that never have more bytes than the request has room for. */
final class Answers {
  private final ClusterAgent agent;

  Answers(ClusterAgent agent) {
    this.agent = agent;
  }

  CompletionStage<Reply> code(Request request, ResultCode code) {
    return header(request, code, NoBody.INSTANCE);
  }

  CompletionStage<Reply> header(Request request, ResultCode code, ResponseBody body) {
    return CompletableFuture.completedFuture(
        new Reply(Response.to(request, agent.state().epoch(), code, body), Unpooled.EMPTY_BUFFER));
  }

  /** A structure of fixed size; a request with another size means another structure. */
  CompletionStage<Reply> structure(Request request, int size, Consumer<ByteBuf> writer) {
    return request.replyRoom() == size
        ? payload(request, ResultCode.SUCCESS, NoBody.INSTANCE, size, writer)
        : code(request, ResultCode.INVALID_PARMS);
  }

  /** A list; BUFFER_SMALL if it does not fit: then the asker enlarges its buffer. */
  CompletionStage<Reply> list(
      Request request, ResponseBody body, long size, Consumer<ByteBuf> writer) {
    return size <= request.replyRoom()
        ? payload(request, ResultCode.SUCCESS, body, (int) size, writer)
        : code(request, ResultCode.BUFFER_SMALL);
  }

  CompletionStage<Reply> payload(
      Request request, ResultCode code, ResponseBody body, int size, Consumer<ByteBuf> writer) {
    if (size == 0) {
      return header(request, code, body);
    }
    ByteBuf out = Unpooled.buffer(size, size);
    writer.accept(out);
    Response header = Response.to(request, agent.state().epoch(), code, body);
    return CompletableFuture.completedFuture(
        new Reply(header.withDataLength(out.readableBytes()), out));
  }
}
