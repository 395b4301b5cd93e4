package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Epoch;
import java.util.ArrayList;
import java.util.List;

/**
 * One epoch in the answer to STAT_CLUSTER: {@value #HEADER_SIZE} bytes and then as many node slots
 * as the request asked for.
 *
 * <pre>
 *  0 ctime u64 | 8 time i64 | 16 epoch u32 | 20 nr_nodes u32 | 24 disable_recovery u8 | 25 nr_copies u8
 * 26 copy_policy u8 | 27 - (3 bytes) | 30 flags u16 | 32 drv_name char[16] | 48 nodes of 80 bytes
 * </pre>
 *
 * <p>Only the newest entry of an answer carries creation time, recovery switch, copies, policy,
 * flags and driver name; in the others they are zero.
 *
 * @param creationTime when the cluster was formatted
 * @param time unix seconds when the epoch began
 * @param epoch the epoch
 * @param recoveryDisabled whether recovery is switched off
 * @param copies default number of copies, 0..255
 * @param copyPolicy default erasure policy byte, 0..255
 * @param flags u16 of {@link io.sheepdog.protocol.ClusterFlags}
 * @param driverName name of the store back end, at most 15 bytes (upstream calls the field after
 *     the driver)
 * @param nodes members of the epoch, at most as many as there are slots
 */
public record EpochLogEntry(
    SheepTime creationTime,
    long time,
    Epoch epoch,
    boolean recoveryDisabled,
    int copies,
    int copyPolicy,
    int flags,
    String driverName,
    List<NodeEntry> nodes) {
  /** Bytes before the node slots. */
  public static final int HEADER_SIZE = 48;

  private static final int DRIVER_NAME_SIZE = 16;
  private static final int PADDING = 3;

  /** Checks the ranges and takes a copy of the list. */
  public EpochLogEntry {
    Bytes.u8("Copies", copies);
    Bytes.u8("Copy policy", copyPolicy);
    Bytes.u16("Cluster flags", flags);
    WireText.check(driverName, DRIVER_NAME_SIZE, "Driver name");
    nodes = List.copyOf(nodes);
  }

  /** Bytes of an entry with that many node slots, 0..{@link Limits#MAX_NODES}. */
  public static int size(int nodeSlots) {
    if (nodeSlots < 0 || nodeSlots > Limits.MAX_NODES) {
      throw new ProtocolException(
          "Epoch log entry with "
              + Integer.toUnsignedString(nodeSlots)
              + " node slots; at most "
              + Limits.MAX_NODES
              + " are allowed");
    }
    return HEADER_SIZE + nodeSlots * NodeEntry.SIZE;
  }

  /**
   * Reads one entry of {@code size(nodeSlots)} bytes.
   *
   * @throws ProtocolException if there are fewer bytes, or more nodes than slots
   */
  public static EpochLogEntry decode(ByteBuf in, int nodeSlots) {
    int size = size(nodeSlots);
    WireText.require(in, size, "Epoch log entry");
    ByteBuf slice = in.readSlice(size);
    SheepTime creationTime = new SheepTime(slice.readLongLE());
    long time = slice.readLongLE();
    Epoch epoch = new Epoch(slice.readIntLE());
    long nodeCount = slice.readUnsignedIntLE();
    if (nodeCount > nodeSlots) {
      throw new ProtocolException(
          "Epoch log entry with " + nodeCount + " nodes in " + nodeSlots + " slots");
    }
    boolean recoveryDisabled = slice.readByte() != 0;
    int copies = slice.readUnsignedByte();
    int copyPolicy = slice.readUnsignedByte();
    slice.skipBytes(PADDING);
    int flags = slice.readUnsignedShortLE();
    String driverName = WireText.read(slice, DRIVER_NAME_SIZE, "Driver name");
    return new EpochLogEntry(
        creationTime,
        time,
        epoch,
        recoveryDisabled,
        copies,
        copyPolicy,
        flags,
        driverName,
        NodeEntry.decodeList(slice, (int) nodeCount));
  }

  /**
   * Reads the whole payload of an answer: entries with {@code nodeSlots} slots each, newest first.
   *
   * @throws ProtocolException if the payload is not a whole number of entries
   */
  public static List<EpochLogEntry> decodeList(ByteBuf in, int nodeSlots) {
    int size = size(nodeSlots);
    if (in.readableBytes() % size != 0) {
      throw new ProtocolException(
          "Epoch log of " + in.readableBytes() + " bytes is not a multiple of " + size);
    }
    List<EpochLogEntry> entries = new ArrayList<>();
    while (in.isReadable()) {
      entries.add(decode(in, nodeSlots));
    }
    return List.copyOf(entries);
  }

  /**
   * Appends {@code size(nodeSlots)} bytes.
   *
   * @throws ProtocolException if there are more nodes than slots
   */
  public void encode(ByteBuf out, int nodeSlots) {
    size(nodeSlots);
    if (nodes.size() > nodeSlots) {
      throw new ProtocolException(
          "Epoch log entry with " + nodes.size() + " nodes in " + nodeSlots + " slots");
    }
    out.writeLongLE(creationTime.wire());
    out.writeLongLE(time);
    out.writeIntLE(epoch.value());
    out.writeIntLE(nodes.size());
    out.writeBoolean(recoveryDisabled);
    out.writeByte(copies);
    out.writeByte(copyPolicy);
    out.writeZero(PADDING);
    out.writeShortLE(flags);
    WireText.write(out, driverName, DRIVER_NAME_SIZE, "Driver name");
    for (NodeEntry node : nodes) {
      node.encode(out);
    }
    out.writeZero((nodeSlots - nodes.size()) * NodeEntry.SIZE);
  }
}
