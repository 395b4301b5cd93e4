package io.sheepdog.daemon.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.net.StallingChannel;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(NoLeaks.class)
final class PacedWritesTest {
  private static final int PIECE = PacedWrites.PIECE;

  private final StallingChannel channel = new StallingChannel();

  PacedWritesTest() {
    channel.pipeline().addFirst(new PacedWrites());
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1 << 10, 2 << 10));
  }

  private ByteBuf random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return channel.alloc().directBuffer(length).writeBytes(bytes);
  }

  /** Notes how many bytes each flush is about. */
  private static final class Flushes extends ChannelOutboundHandlerAdapter {
    final List<Integer> bytes = new ArrayList<>(List.of(0));

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      bytes.set(
          bytes.size() - 1, bytes.get(bytes.size() - 1) + ((ByteBuf) message).readableBytes());
      ctx.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      bytes.add(0);
      ctx.flush();
    }
  }

  @Test
  void eachTurnHandsOnOnePiece() {
    Flushes flushes = new Flushes();
    channel.pipeline().addFirst(flushes);
    ByteBuf large = random(3 * PIECE + 5);
    byte[] expected = ByteBufUtil.getBytes(large);
    ChannelFuture small = channel.write(random(7));
    ChannelFuture written = channel.writeAndFlush(large);
    channel.runPendingTasks();
    assertThat(flushes.bytes).startsWith(PIECE, PIECE, PIECE, 12);
    assertThat(small.isSuccess()).isTrue();
    assertThat(written.isSuccess()).isTrue();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    assertThat(ByteBufUtil.getBytes(all.skipBytes(7))).isEqualTo(expected);
  }

  @Test
  void nothingIsHandedOnWhileTheSocketIsFull() {
    channel.reads = false;
    ChannelFuture written = channel.writeAndFlush(random(4 * PIECE));
    channel.runPendingTasks();
    assertThat(channel.unsafe().outboundBuffer().totalPendingWriteBytes())
        .isBetween((long) PIECE, 2L * PIECE);
    channel.readAll();
    channel.runPendingTasks();
    assertThat(written.isSuccess()).isTrue();
    channel.releaseOutbound();
  }

  @Test
  void whatIsNotHandedOnEndsWithTheConnection() {
    channel.reads = false;
    ChannelFuture written = channel.writeAndFlush(random(4 * PIECE));
    channel.runPendingTasks();
    channel.close();
    assertThat(written.cause()).isInstanceOf(ClosedChannelException.class);
  }
}
