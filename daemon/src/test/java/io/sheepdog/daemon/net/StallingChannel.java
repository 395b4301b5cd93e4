package io.sheepdog.daemon.net;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;

/** A connection whose other end may stop reading. What it reads nevertheless is dropped. */
public final class StallingChannel extends EmbeddedChannel {
  /** Whether the other end reads. */
  public boolean reads = true;

  /** The other end reads what waits for it, and whatever comes. */
  public void readAll() {
    reads = true;
    flush();
  }

  /** The other end reads one of the buffers that wait for it. */
  public void readOne() {
    unsafe().outboundBuffer().remove();
  }

  /** The other end reads some bytes of the buffer that waits first, and not its last. */
  public void readPart(long bytes) {
    unsafe().outboundBuffer().progress(bytes);
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    if (reads) {
      super.doWrite(in);
    }
  }
}
