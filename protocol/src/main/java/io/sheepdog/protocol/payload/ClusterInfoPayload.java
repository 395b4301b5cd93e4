package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Epoch;
import java.util.List;

/**
 * Answer to CLUSTER_INFO: {@value #SIZE} bytes, most of them empty node slots.
 *
 * <pre>
 *  0 proto_ver u8 | 1 disable_recovery u8 | 2 nr_nodes i16 | 4 epoch u32 | 8 ctime u64 | 16 flags u16
 * 18 nr_copies u8 | 19 copy_policy u8 | 20 status u8 | 21 block_size_shift u8 | 22 - (3 bytes)
 * 25 default_store char[16] | 41 - (7 bytes) | 48 nodes[6144] of 80 bytes
 * </pre>
 *
 * @param protocolVersion internal protocol version of the node, 0..255
 * @param recoveryDisabled whether recovery is switched off
 * @param epoch current epoch
 * @param creationTime when the cluster was formatted; {@link SheepTime#NONE} before
 * @param flags u16 of {@link io.sheepdog.protocol.ClusterFlags}
 * @param copies default number of copies, 0..255
 * @param copyPolicy default erasure policy byte, 0..255
 * @param status what the cluster does
 * @param blockSizeShift default block size shift, 0..255; 0 before the format
 * @param defaultStore name of the store back end, at most 15 bytes
 * @param nodes members, at most {@link Limits#MAX_NODES}
 */
public record ClusterInfoPayload(
    int protocolVersion,
    boolean recoveryDisabled,
    Epoch epoch,
    SheepTime creationTime,
    int flags,
    int copies,
    int copyPolicy,
    ClusterStatus status,
    int blockSizeShift,
    String defaultStore,
    List<NodeEntry> nodes) {
  /** Bytes of the structure. */
  public static final int SIZE = 48 + Limits.MAX_NODES * NodeEntry.SIZE;

  private static final int STORE_NAME_SIZE = 16;
  private static final int PADDING_BEFORE_STORE = 3;
  private static final int PADDING_AFTER_STORE = 7;
  private static final String WHAT = "Cluster info";

  /** Checks the ranges and takes a copy of the list. */
  public ClusterInfoPayload {
    Bytes.u8("Protocol version", protocolVersion);
    Bytes.u16("Cluster flags", flags);
    Bytes.u8("Copies", copies);
    Bytes.u8("Copy policy", copyPolicy);
    Bytes.u8("Block size shift", blockSizeShift);
    WireText.check(defaultStore, STORE_NAME_SIZE, "Store name");
    if (nodes.size() > Limits.MAX_NODES) {
      throw new IllegalArgumentException(
          "A cluster of " + nodes.size() + " nodes; at most " + Limits.MAX_NODES + " are allowed");
    }
    nodes = List.copyOf(nodes);
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field is impossible
   */
  public static ClusterInfoPayload decode(ByteBuf in) {
    WireText.require(in, SIZE, WHAT);
    ByteBuf slice = in.readSlice(SIZE);
    int protocolVersion = slice.readUnsignedByte();
    boolean recoveryDisabled = slice.readByte() != 0;
    int nodeCount = slice.readShortLE();
    Epoch epoch = new Epoch(slice.readIntLE());
    SheepTime creationTime = new SheepTime(slice.readLongLE());
    int flags = slice.readUnsignedShortLE();
    int copies = slice.readUnsignedByte();
    int copyPolicy = slice.readUnsignedByte();
    ClusterStatus status = ClusterStatus.fromCode(slice.readUnsignedByte());
    int blockSizeShift = slice.readUnsignedByte();
    slice.skipBytes(PADDING_BEFORE_STORE);
    String defaultStore = WireText.read(slice, STORE_NAME_SIZE, "Store name");
    slice.skipBytes(PADDING_AFTER_STORE);
    return new ClusterInfoPayload(
        protocolVersion,
        recoveryDisabled,
        epoch,
        creationTime,
        flags,
        copies,
        copyPolicy,
        status,
        blockSizeShift,
        defaultStore,
        NodeEntry.decodeList(slice, nodeCount));
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeByte(protocolVersion);
    out.writeBoolean(recoveryDisabled);
    out.writeShortLE(nodes.size());
    out.writeIntLE(epoch.value());
    out.writeLongLE(creationTime.wire());
    out.writeShortLE(flags);
    out.writeByte(copies);
    out.writeByte(copyPolicy);
    out.writeByte(status.code());
    out.writeByte(blockSizeShift);
    out.writeZero(PADDING_BEFORE_STORE);
    WireText.write(out, defaultStore, STORE_NAME_SIZE, "Store name");
    out.writeZero(PADDING_AFTER_STORE);
    for (NodeEntry node : nodes) {
      node.encode(out);
    }
    out.writeZero((Limits.MAX_NODES - nodes.size()) * NodeEntry.SIZE);
  }
}
