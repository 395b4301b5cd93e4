package io.sheepdog.integration.wire;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ResultCode;

/**
 * A reply as it came.
 *
 * @param header 48 bytes
 * @param payload what followed
 */
public record RawReply(ByteBuf header, ByteBuf payload) {
  private static final int OPCODE_OFFSET = 1;
  private static final int ID_OFFSET = 8;
  private static final int RESULT_OFFSET = 16;

  /** Operation code that it repeats, 0..255. */
  public int opcode() {
    return header.getUnsignedByte(OPCODE_OFFSET);
  }

  /** Id that it repeats. */
  public int id() {
    return header.getIntLE(ID_OFFSET);
  }

  /** Result code. */
  public int result() {
    return header.getIntLE(RESULT_OFFSET);
  }

  /** Whether that is its result. */
  public boolean is(ResultCode code) {
    return result() == code.code();
  }

  @Override
  public String toString() {
    return "reply to opcode 0x%02x, id %d: result 0x%02x, %d bytes"
        .formatted(opcode(), id(), result(), payload.readableBytes());
  }
}
