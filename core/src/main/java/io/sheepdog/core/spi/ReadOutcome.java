package io.sheepdog.core.spi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Result of a read.
 *
 * @param status how it ended
 * @param data the bytes when {@code status} is {@link StoreStatus#OK} (exactly the length asked
 *     for, zeros where the file has a hole or ends early), else empty; owned by the receiver, who
 *     releases it
 */
public record ReadOutcome(StoreStatus status, ByteBuf data) {
  /** A read that ended without data. */
  public static ReadOutcome failed(StoreStatus status) {
    return new ReadOutcome(status, Unpooled.EMPTY_BUFFER);
  }
}
