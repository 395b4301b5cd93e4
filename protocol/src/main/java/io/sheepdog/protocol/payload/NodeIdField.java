package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.id.NodeAddress;

/**
 * The 40-byte node id inside larger structures.
 *
 * <pre>
 *  0 addr u8[16] | 16 port u16 | 18 io_addr u8[16] | 34 io_port u16 | 36 - u32
 * </pre>
 */
final class NodeIdField {
  static final int SIZE = 40;
  static final int PADDING = 4;

  private static final int ADDRESS_SIZE = 18;

  private NodeIdField() {}

  static NodeAddress readAddress(ByteBuf in) {
    return new NodeAddress(in.readLong(), in.readLong(), in.readUnsignedShortLE());
  }

  static void writeAddress(NodeAddress address, ByteBuf out) {
    out.writeLong(address.high());
    out.writeLong(address.low());
    out.writeShortLE(address.port());
  }

  /** Reads a node id whose I/O address does not matter. */
  static NodeAddress read(ByteBuf in) {
    NodeAddress address = readAddress(in);
    in.skipBytes(SIZE - ADDRESS_SIZE);
    return address;
  }

  /** Writes a node id without I/O address. */
  static void write(NodeAddress address, ByteBuf out) {
    writeAddress(address, out);
    out.writeZero(SIZE - ADDRESS_SIZE);
  }
}
