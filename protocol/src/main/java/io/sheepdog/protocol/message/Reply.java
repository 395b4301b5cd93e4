package io.sheepdog.protocol.message;

import io.netty.buffer.ByteBuf;

/**
 * A response header with its payload.
 *
 * @param header the 48-byte header; {@code dataLength} equals the readable bytes of {@code payload}
 * @param payload bytes after the header, {@code Unpooled.EMPTY_BUFFER} for none; owned by whoever
 *     holds the reply
 */
public record Reply(Response header, ByteBuf payload) {
  /** Gives the payload back to its allocator. */
  public void release() {
    payload.release();
  }
}
