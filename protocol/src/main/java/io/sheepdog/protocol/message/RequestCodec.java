package io.sheepdog.protocol.message;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.PayloadTooLargeException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Epoch;

/**
 * Reads and writes request headers (wire protocol, section 2.1).
 *
 * <pre>
 *   0        1        2                 4                                   8
 *   +--------+--------+-----------------+-----------------------------------+
 *   | version| opcode | flags           | epoch                             |
 *   +--------+--------+-----------------+-----------------------------------+ 8
 *   | id                                | data_length                       |
 *   +-----------------------------------+-----------------------------------+ 16
 *   | body: 32 bytes by opcode                                              |
 *   +-----------------------------------------------------------------------+ 48
 * </pre>
 */
public final class RequestCodec {
  private RequestCodec() {}

  /** Appends the {@value Limits#HEADER_SIZE} bytes of the header; reserved bytes are zero. */
  public static void encode(Request request, ByteBuf out) {
    out.writeByte(request.protocolVersion());
    out.writeByte(request.opcode());
    out.writeShortLE(request.flags());
    out.writeIntLE(request.epoch().value());
    out.writeIntLE(request.id());
    out.writeIntLE(request.dataLength());
    RequestBodyCodec.encode(request.body(), out);
  }

  /**
   * Reads a header. Unknown opcodes and impossible field values give a {@link RawBody}; reserved
   * bytes are ignored.
   *
   * @throws PayloadTooLargeException if the payload length exceeds {@link Limits#MAX_PAYLOAD}
   * @throws io.sheepdog.protocol.ProtocolException if fewer than {@value Limits#HEADER_SIZE} bytes
   *     are readable
   */
  public static Request decode(ByteBuf in) {
    WireText.require(in, Limits.HEADER_SIZE, "Request header");
    int version = in.readUnsignedByte();
    int opcode = in.readUnsignedByte();
    int flags = in.readUnsignedShortLE();
    Epoch epoch = new Epoch(in.readIntLE());
    int id = in.readIntLE();
    long dataLength = in.readUnsignedIntLE();
    if (dataLength > Limits.MAX_PAYLOAD) {
      throw new PayloadTooLargeException(opcode, id, dataLength);
    }
    RequestBody body = RequestBodyCodec.decode(opcode, in);
    return new Request(version, opcode, flags, epoch, id, (int) dataLength, body);
  }
}
