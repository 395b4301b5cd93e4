package io.sheepdog.client.frame;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;

/** Writes frames and flushes once for all that were written in the same turn of the event loop. */
public final class FrameWriter {
  private final Channel channel;
  private final Runnable flush = this::flush;
  private boolean flushScheduled;

  /** Creates the writer of a channel. */
  public FrameWriter(Channel channel) {
    this.channel = channel;
  }

  /**
   * Writes one frame.
   *
   * @param header its first bytes; consumed
   * @param payload bytes after it, empty for none; consumed
   * @return completes when the kernel has taken all bytes of the frame, or the connection is gone
   */
  public ChannelFuture write(ByteBuf header, ByteBuf payload) {
    ChannelFuture written;
    if (payload.isReadable()) {
      channel.write(header, channel.voidPromise());
      written = channel.write(payload);
    } else {
      payload.release();
      written = channel.write(header);
    }
    if (!flushScheduled) {
      flushScheduled = true;
      channel.eventLoop().execute(flush);
    }
    return written;
  }

  private void flush() {
    flushScheduled = false;
    channel.flush();
  }
}
