package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A request between {@code send} and its outcome; confined to the event loop. */
final class PendingRequest {
  final Request request;
  final CompletableFuture<Reply> outcome = new CompletableFuture<>();
  final Duration deadline;
  final long expiresAt;
  private final InFlightBudget budget;
  private final long bytes;
  private ByteBuf payload;
  private boolean ended;

  /**
   * Takes over one reference of {@code payload} and the budget already acquired for the request.
   */
  PendingRequest(Request request, ByteBuf payload, Duration deadline, InFlightBudget budget) {
    this.request = request;
    this.payload = payload;
    this.deadline = deadline;
    this.expiresAt = System.nanoTime() + deadline.toNanos();
    this.budget = budget;
    this.bytes = bytes(request, payload);
  }

  static long bytes(Request request, ByteBuf payload) {
    return (long) payload.readableBytes() + request.replyRoom();
  }

  /** Hands the payload over to the caller, who writes it. */
  ByteBuf takePayload() {
    ByteBuf taken = payload;
    payload = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  boolean isEnded() {
    return ended;
  }

  boolean isOverdue(long now) {
    return !ended && now - expiresAt >= 0;
  }

  /** Ends the request with a reply; the caller of {@code send} owns it from here. */
  void succeed(Reply reply) {
    end();
    if (!outcome.complete(reply)) {
      reply.release();
    }
  }

  void fail(ClientException cause) {
    end();
    outcome.completeExceptionally(cause);
  }

  private void end() {
    ended = true;
    budget.release(bytes);
    takePayload().release();
  }
}
