package io.sheepdog.integration.golden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * A named range of bytes.
 *
 * @param name what it is called in differences
 * @param offset of the first byte
 * @param length bytes, at least 1
 */
record Field(String name, int offset, int length) {
  private static final int LARGEST_NUMBER = 8;

  /** The same field further on, in a structure of that name. */
  Field within(String structure, int start) {
    return new Field(structure + "." + name, start + offset, length);
  }

  /** Its value as text: a little-endian number, or the bytes without the zeros at their end. */
  String text(ByteBuf bytes) {
    int readable = Math.min(length, bytes.writerIndex() - offset);
    if (readable <= 0) {
      return "nothing";
    }
    if (readable <= LARGEST_NUMBER) {
      long value = 0;
      for (int i = readable - 1; i >= 0; i--) {
        value = value << Byte.SIZE | bytes.getUnsignedByte(offset + i);
      }
      return "0x" + Long.toHexString(value);
    }
    return ByteBufUtil.hexDump(bytes, offset, readable).replaceFirst("(00)+$", "");
  }
}
