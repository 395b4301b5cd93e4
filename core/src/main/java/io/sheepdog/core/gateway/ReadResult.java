package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;

/**
 * What a read through the gateway gave.
 *
 * @param code SUCCESS, NO_OBJ when no replica anywhere has the object, or another reason; a code
 *     that clients may see
 * @param data exactly the bytes asked for when SUCCESS, else empty; owned by the receiver, who
 *     releases it
 */
public record ReadResult(ResultCode code, ByteBuf data) {
  /** A read that gave nothing. */
  public static ReadResult failed(ResultCode code) {
    return new ReadResult(code, Unpooled.EMPTY_BUFFER);
  }
}
