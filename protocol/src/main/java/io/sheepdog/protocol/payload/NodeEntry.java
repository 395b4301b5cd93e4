package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A member in node lists, epoch logs and the cluster info: {@value #SIZE} bytes.
 *
 * <pre>
 *  0 - (24 bytes: pointers of the sender's memory, ignored; written as zero)
 * 24 addr u8[16] | 40 port u16 | 42 io_addr u8[16] | 58 io_port u16 | 60 - u32
 * 64 nr_vnodes u16 | 66 - u16 | 68 zone u32 | 72 space u64
 * </pre>
 *
 * @param address where the node listens
 * @param ioAddress its second listener for I/O traffic, or {@link NodeAddress#NONE}
 * @param vnodes effective number of virtual nodes, 0..65535; 0 for a gateway
 * @param zone u32, see {@link #zoneUnsigned()}
 * @param space bytes that the store counts for, u64
 */
public record NodeEntry(
    NodeAddress address, NodeAddress ioAddress, int vnodes, int zone, long space) {
  /** Bytes of an entry. */
  public static final int SIZE = 80;

  private static final int LINKS_SIZE = 24;
  private static final int VNODES_PADDING = 2;

  /** Checks the number of virtual nodes. */
  public NodeEntry {
    if (vnodes < 0 || vnodes > Limits.MAX_VNODES) {
      throw new IllegalArgumentException(
          "Number of virtual nodes "
              + vnodes
              + " is out of range; 0 to "
              + Limits.MAX_VNODES
              + " are allowed");
    }
  }

  /** A node without a second listener. */
  public static NodeEntry of(NodeAddress address, int vnodes, int zone, long space) {
    return new NodeEntry(address, NodeAddress.NONE, vnodes, zone, space);
  }

  /** The zone as the tools print it, 0..2^32-1. */
  public long zoneUnsigned() {
    return Integer.toUnsignedLong(zone);
  }

  /**
   * Reads one entry.
   *
   * @throws ProtocolException if fewer than {@value #SIZE} bytes are readable
   */
  public static NodeEntry decode(ByteBuf in) {
    WireText.require(in, SIZE, "Node entry");
    in.skipBytes(LINKS_SIZE);
    NodeAddress address = NodeIdField.readAddress(in);
    NodeAddress ioAddress = NodeIdField.readAddress(in);
    in.skipBytes(NodeIdField.PADDING);
    int vnodes = in.readUnsignedShortLE();
    in.skipBytes(VNODES_PADDING);
    return new NodeEntry(address, ioAddress, vnodes, in.readIntLE(), in.readLongLE());
  }

  /**
   * Reads a list of {@code count} entries.
   *
   * @throws ProtocolException if the count is out of range or not that many entries are readable
   */
  public static List<NodeEntry> decodeList(ByteBuf in, int count) {
    if (count < 0 || count > Limits.MAX_NODES) {
      throw new ProtocolException(
          "Node list with "
              + Integer.toUnsignedString(count)
              + " entries; at most "
              + Limits.MAX_NODES
              + " are allowed");
    }
    WireText.require(in, count * SIZE, "Node list");
    List<NodeEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(decode(in));
    }
    return List.copyOf(entries);
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeZero(LINKS_SIZE);
    NodeIdField.writeAddress(address, out);
    NodeIdField.writeAddress(ioAddress, out);
    out.writeZero(NodeIdField.PADDING);
    out.writeShortLE(vnodes);
    out.writeZero(VNODES_PADDING);
    out.writeIntLE(zone);
    out.writeLongLE(space);
  }
}
