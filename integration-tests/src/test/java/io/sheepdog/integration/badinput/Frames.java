package io.sheepdog.integration.badinput;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;

/** Request headers, right and wrong ones. */
final class Frames {
  private static final int FLAGS_OFFSET = 2;
  private static final int ID_OFFSET = 8;
  private static final int LENGTH_OFFSET = 12;
  private static final int BODY_OFFSET = 16;

  private Frames() {}

  /** A header with a zero body. */
  static ByteBuf header(int version, int opcode, int flags, int id, int dataLength) {
    ByteBuf header = Unpooled.wrappedBuffer(new byte[Limits.HEADER_SIZE]);
    header.setByte(0, version).setByte(1, opcode).setShortLE(FLAGS_OFFSET, flags);
    return header.setIntLE(ID_OFFSET, id).setIntLE(LENGTH_OFFSET, dataLength);
  }

  /** A header with the version that its operation wants. */
  static ByteBuf header(Opcode opcode, int flags, int id, int dataLength) {
    return header(opcode.protocolVersion(), opcode.code(), flags, id, dataLength);
  }

  /** A header of an object request. */
  static ByteBuf object(Opcode opcode, int flags, int id, int dataLength, ObjectId oid) {
    return header(opcode, flags, id, dataLength).setLongLE(BODY_OFFSET, oid.value());
  }
}
