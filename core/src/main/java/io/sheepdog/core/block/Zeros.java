package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** Zero bytes, all of them the same few in memory. */
public final class Zeros {
  private static final int BLOCK = 1 << 20;
  private static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(
          Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BLOCK).asReadOnlyBuffer()));

  private Zeros() {}

  /** That many zero bytes, not to be written to; the caller releases them. */
  public static ByteBuf of(int length) {
    if (length <= BLOCK) {
      return ZEROS.slice(0, length);
    }
    int blocks = (length + BLOCK - 1) / BLOCK;
    ByteBuf[] parts = new ByteBuf[blocks];
    for (int i = 0; i < blocks; i++) {
      parts[i] = ZEROS.slice(0, Math.min(BLOCK, length - i * BLOCK));
    }
    return Unpooled.wrappedBuffer(blocks, parts);
  }
}
