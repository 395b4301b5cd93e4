package io.sheepdog.client.frame;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Owner of a connection: decides about each frame when its header is here, and gets the payload.
 */
public interface FrameSink {
  /**
   * A header is complete. Nothing more is read until {@link FrameReceiver#receive} or {@link
   * FrameReceiver#skip} was called, during this call or later: that is how a connection is
   * throttled.
   *
   * @param header 48 readable bytes, unless another size was asked for; valid during the call only
   */
  void header(ByteBuf header);

  /**
   * The payload asked for with {@link FrameReceiver#receive} is complete.
   *
   * @param payload exactly the bytes asked for; owned by the sink
   */
  void payload(ByteBuf payload);

  /**
   * The other side sends nothing more; it may still read. Comes only where the channel allows half
   * of a connection to be closed, else the connection is {@link #disconnected} then.
   */
  default void inputEnded() {}

  /**
   * The connection is gone; no other call follows. A frame that was incomplete is dropped.
   *
   * @param cause why, or null when the other side closed it or {@code close} was called
   */
  void disconnected(@Nullable Throwable cause);
}
