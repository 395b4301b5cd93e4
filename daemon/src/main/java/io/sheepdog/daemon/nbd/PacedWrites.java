package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * Hands writes on in pieces of {@link #PIECE} bytes, one in each turn of the event loop, and none
 * while the socket is full: TLS encrypts all it has in one go, everybody else waits meanwhile, and
 * the result is in memory until the client reads it.
 */
final class PacedWrites extends ChannelDuplexHandler {
  /** Bytes; encrypting them takes well below a millisecond. */
  static final int PIECE = 128 << 10;

  private final ArrayDeque<Write> queue = new ArrayDeque<>();
  private boolean scheduled;
  private long queued;

  private record Write(ByteBuf bytes, ChannelPromise promise) {}

  /** Bytes that are not handed on yet. */
  long queued() {
    return queued;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Write write = new Write((ByteBuf) message, promise);
    queued += write.bytes.readableBytes();
    queue.add(write);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    if (!scheduled) {
      handOn(ctx);
    }
  }

  private void handOn(ChannelHandlerContext ctx) {
    scheduled = false;
    int left = ctx.channel().isWritable() ? PIECE : 0;
    for (Write first = queue.peek(); left > 0 && first != null; first = queue.peek()) {
      int length = first.bytes.readableBytes();
      if (length <= left) {
        queue.remove();
        ctx.write(first.bytes, first.promise);
      } else {
        ctx.write(first.bytes.readRetainedSlice(left));
      }
      queued -= Math.min(length, left);
      left -= length;
    }
    ctx.flush();
    schedule(ctx);
  }

  private void schedule(ChannelHandlerContext ctx) {
    if (!scheduled && !queue.isEmpty() && ctx.channel().isWritable()) {
      scheduled = true;
      ctx.executor().execute(() -> handOn(ctx));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    schedule(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    drop();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    drop();
  }

  private void drop() {
    for (Write write = queue.poll(); write != null; write = queue.poll()) {
      queued -= write.bytes.readableBytes();
      write.bytes.release();
      write.promise.tryFailure(new ClosedChannelException());
    }
  }
}
