package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseBody;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node under the test's control: keeps requests until the test answers them; answers are given on
 * the event loop.
 */
final class FakeHandler implements RequestHandler {
  private final Executor loop;
  final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  final BlockingQueue<String> opened = new LinkedBlockingQueue<>();
  final AtomicInteger openSessions = new AtomicInteger();

  FakeHandler(Executor loop) {
    this.loop = loop;
  }

  /** A request that waits for its answer. */
  record Call(Request request, byte[] payload, CompletableFuture<Reply> outcome, Executor loop) {
    void answer(byte[] payload) {
      ByteBuf buffer =
          payload.length == 0
              ? Unpooled.EMPTY_BUFFER
              : PooledByteBufAllocator.DEFAULT.directBuffer(payload.length).writeBytes(payload);
      Response header =
          Response.to(request, new Epoch(1), ResultCode.SUCCESS).withDataLength(payload.length);
      loop.execute(() -> outcome.complete(new Reply(header, buffer)));
    }

    void answer(ResponseBody body) {
      Response header = Response.to(request, new Epoch(1), ResultCode.SUCCESS, body);
      loop.execute(() -> outcome.complete(new Reply(header, Unpooled.EMPTY_BUFFER)));
    }

    void fail(Throwable cause) {
      loop.execute(() -> outcome.completeExceptionally(cause));
    }
  }

  @Override
  public Session open(String clientAddress) {
    opened.add(clientAddress);
    openSessions.incrementAndGet();
    return new Session() {
      @Override
      public void greeted(long incarnation) {}

      @Override
      public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
        Call call =
            new Call(request, ByteBufUtil.getBytes(payload), new CompletableFuture<>(), loop);
        calls.add(call);
        return call.outcome();
      }

      @Override
      public void close() {
        openSessions.decrementAndGet();
      }
    };
  }

  Call next() throws InterruptedException {
    Call call = calls.poll(10, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no request came within 10 s");
    }
    return call;
  }
}
