package io.sheepdog.protocol.message;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.PayloadTooLargeException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes response headers (wire protocol, sections 2.2 and 2.4).
 *
 * <pre>
 *   0        1        2                 4                                   8
 *   +--------+--------+-----------------+-----------------------------------+
 *   | version| opcode | flags           | epoch                             |
 *   +--------+--------+-----------------+-----------------------------------+ 8
 *   | id                                | data_length                       |
 *   +-----------------------------------+-----------------------------------+ 16
 *   | result                            | body: 28 bytes by opcode          |
 *   +-----------------------------------+                                   |
 *   |                                                                       |
 *   +-----------------------------------------------------------------------+ 48
 * </pre>
 */
public final class ResponseCodec {
  private ResponseCodec() {}

  /** Appends the {@value Limits#HEADER_SIZE} bytes of the header; reserved bytes are zero. */
  public static void encode(Response response, ByteBuf out) {
    out.writeByte(response.protocolVersion());
    out.writeByte(response.opcode());
    out.writeShortLE(response.flags());
    out.writeIntLE(response.epoch().value());
    out.writeIntLE(response.id());
    out.writeIntLE(response.dataLength());
    out.writeIntLE(response.result());
    encodeBody(response.body(), out);
  }

  /**
   * Reads a header; reserved bytes are ignored.
   *
   * @throws PayloadTooLargeException if the payload length exceeds {@link Limits#MAX_PAYLOAD}
   * @throws io.sheepdog.protocol.ProtocolException if fewer than {@value Limits#HEADER_SIZE} bytes
   *     are readable
   */
  public static Response decode(ByteBuf in) {
    WireText.require(in, Limits.HEADER_SIZE, "Response header");
    int version = in.readUnsignedByte();
    int opcode = in.readUnsignedByte();
    int flags = in.readUnsignedShortLE();
    Epoch epoch = new Epoch(in.readIntLE());
    int id = in.readIntLE();
    long dataLength = in.readUnsignedIntLE();
    if (dataLength > Limits.MAX_PAYLOAD) {
      throw new PayloadTooLargeException(opcode, id, dataLength);
    }
    int result = in.readIntLE();
    ResponseBody body = decodeBody(opcode, in);
    return new Response(version, opcode, flags, epoch, id, (int) dataLength, result, body);
  }

  private static void encodeBody(ResponseBody body, ByteBuf out) {
    int start = out.writerIndex();
    out.writeZero(Limits.RESPONSE_BODY_SIZE);
    if (body instanceof ObjectReply object) {
      out.setByte(start, object.copies());
      out.setLongLE(start + 4, object.offset());
    } else if (body instanceof VdiReply vdi) {
      out.setIntLE(start + 4, vdi.vdiId().value());
      out.setIntLE(start + 8, vdi.attributeId());
      out.setByte(start + 12, vdi.copies());
      out.setByte(start + 13, vdi.blockSizeShift());
    } else if (body instanceof NodeReply node) {
      out.setIntLE(start, node.nodeCount());
      out.setIntLE(start + 4, node.localIndex());
      out.setIntLE(start + 8, node.masterIndex());
      out.setLongLE(start + 12, node.storeSize());
      out.setLongLE(start + 20, node.storeFree());
    } else if (body instanceof HashReply hash) {
      out.setLong(start + 4, hash.first());
      out.setLong(start + 12, hash.second());
      out.setInt(start + 20, hash.third());
    } else if (body instanceof ClusterDefaultReply defaults) {
      out.setByte(start, defaults.copies());
      out.setByte(start + 1, defaults.copyPolicy());
      out.setByte(start + 2, defaults.blockSizeShift());
    } else if (body instanceof PeerReply peer) {
      out.setLongLE(start + 4, peer.incarnation());
      out.setLongLE(start + 12, peer.sequence());
      out.setLongLE(start + 20, peer.aux());
    } else if (body instanceof RawReply raw) {
      out.setIntLE(start, raw.head());
      out.setLongLE(start + 4, raw.first());
      out.setLongLE(start + 12, raw.second());
      out.setLongLE(start + 20, raw.third());
    }
  }

  private static ResponseBody decodeBody(int opcode, ByteBuf in) {
    int start = in.readerIndex();
    in.skipBytes(Limits.RESPONSE_BODY_SIZE);
    Opcode operation = Opcode.fromCode(opcode);
    ResponseBody body = operation == null ? null : decodeKnown(operation, in, start);
    return body == null ? decodeRaw(in, start) : body;
  }

  private static ResponseBody decodeRaw(ByteBuf in, int start) {
    RawReply raw =
        new RawReply(
            in.getIntLE(start),
            in.getLongLE(start + 4),
            in.getLongLE(start + 12),
            in.getLongLE(start + 20));
    boolean zero = raw.head() == 0 && raw.first() == 0 && raw.second() == 0 && raw.third() == 0;
    return zero ? NoBody.INSTANCE : raw;
  }

  /** The body in the layout of its operation, or null if it has none or a field is impossible. */
  private static @Nullable ResponseBody decodeKnown(Opcode operation, ByteBuf in, int start) {
    return switch (operation) {
      case CREATE_AND_WRITE_OBJ,
          READ_OBJ,
          WRITE_OBJ,
          REMOVE_OBJ,
          DISCARD_OBJ,
          FLUSH_VDI,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          EXIST ->
          new ObjectReply(in.getUnsignedByte(start), in.getLongLE(start + 4));
      case NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI, GET_VDI_ATTR ->
          decodeVdi(in, start);
      case GET_NODE_LIST, STAT_SHEEP, STAT_CLUSTER ->
          new NodeReply(
              in.getIntLE(start),
              in.getIntLE(start + 4),
              in.getIntLE(start + 8),
              in.getLongLE(start + 12),
              in.getLongLE(start + 20));
      case GET_HASH ->
          new HashReply(in.getLong(start + 4), in.getLong(start + 12), in.getInt(start + 20));
      case GET_CLUSTER_DEFAULT ->
          new ClusterDefaultReply(
              in.getUnsignedByte(start),
              in.getUnsignedByte(start + 1),
              in.getUnsignedByte(start + 2));
      case PEER_READ,
          PEER_WRITE,
          PEER_CREATE,
          PEER_REMOVE,
          PEER_SYNC,
          PEER_LIST,
          PEER_CONFIRM,
          PEER_DRAIN,
          PEER_STATE,
          PEER_FETCH,
          PEER_DIRECTORY,
          PEER_HELLO,
          PEER_LEASE,
          NODE_STATUS,
          NODE_NBD,
          VDI_LOCKS,
          PEER_OBJECTS,
          PEER_TORN,
          PEER_REPAIR,
          PEER_DIGEST,
          PEER_REPAIR_SOON,
          PEER_CLEAN,
          PEER_PIECE,
          PEER_PATCH,
          PEER_CHANGES,
          PEER_COMPARE,
          PEER_COPY,
          PEER_USAGE,
          VDI_USAGE ->
          new PeerReply(
              in.getLongLE(start + 4), in.getLongLE(start + 12), in.getLongLE(start + 20));
      default -> null;
    };
  }

  private static @Nullable VdiReply decodeVdi(ByteBuf in, int start) {
    int vid = in.getIntLE(start + 4);
    return VdiId.isValid(vid)
        ? new VdiReply(
            new VdiId(vid),
            in.getIntLE(start + 8),
            in.getUnsignedByte(start + 12),
            in.getUnsignedByte(start + 13))
        : null;
  }
}
