package io.sheepdog.core.cluster;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fields of our own messages, little-endian. Readers check what is there and throw a {@link
 * ProtocolException} with a sentence; they never allocate more than the message has bytes for.
 */
public final class Fields {
  /** Longest text in bytes; names, tags and client addresses are much shorter. */
  public static final int MAX_TEXT = 1024;

  private static final int ADDRESS_SIZE = 18;
  private static final int COPIES_CHANGE_SIZE = 2 * Integer.BYTES + 3;
  private static final int FORCED_START_SIZE = Integer.BYTES + Long.BYTES;
  private static final int EPOCH_NODE_SIZE = 2 * ADDRESS_SIZE + 2 + 4 + 8 + 8;

  private Fields() {}

  /** Writes u16 length and UTF-8 bytes. */
  public static void writeText(ByteBuf out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_TEXT) {
      throw new ProtocolException(
          "Text of " + bytes.length + " bytes; at most " + MAX_TEXT + " are allowed");
    }
    out.writeShortLE(bytes.length);
    out.writeBytes(bytes);
  }

  /** Reads what {@link #writeText} wrote. */
  public static String readText(ByteBuf in) {
    WireText.require(in, Short.BYTES, "Text length");
    int length = in.readUnsignedShortLE();
    if (length > MAX_TEXT) {
      throw new ProtocolException(
          "Text of " + length + " bytes; at most " + MAX_TEXT + " are allowed");
    }
    WireText.require(in, length, "Text");
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in.nioBuffer(in.readerIndex(), length))
              .toString();
      in.skipBytes(length);
      return text;
    } catch (CharacterCodingException e) {
      throw new ProtocolException("Text is not valid UTF-8");
    }
  }

  /** Reads a u8. */
  public static int readByte(ByteBuf in, String what) {
    WireText.require(in, Byte.BYTES, what);
    return in.readUnsignedByte();
  }

  /** Reads a u32 as int. */
  public static int readInt(ByteBuf in, String what) {
    WireText.require(in, Integer.BYTES, what);
    return in.readIntLE();
  }

  /** Reads a u64. */
  public static long readLong(ByteBuf in, String what) {
    WireText.require(in, Long.BYTES, what);
    return in.readLongLE();
  }

  /** Reads a u64 that must not be above 2^63-1. */
  public static long readSize(ByteBuf in, String what) {
    long value = readLong(in, what);
    if (value < 0) {
      throw new ProtocolException(what + " " + Long.toUnsignedString(value) + " is above 2^63-1");
    }
    return value;
  }

  /**
   * Reads the number of entries that follow, of which each has at least {@code minimumSize} bytes.
   */
  public static int readCount(ByteBuf in, int minimumSize, String what) {
    int count = readInt(in, what);
    if (count < 0 || (long) count * minimumSize > in.readableBytes()) {
      throw new ProtocolException(
          what
              + " "
              + Integer.toUnsignedString(count)
              + " does not fit into "
              + in.readableBytes()
              + " bytes");
    }
    return count;
  }

  /** Reads an enum constant by its number. */
  public static <E extends Enum<E>> E readEnum(ByteBuf in, E[] values, String what) {
    int code = readByte(in, what);
    if (code >= values.length) {
      throw new ProtocolException(
          what + " " + code + " is unknown; 0 to " + (values.length - 1) + " are allowed");
    }
    return values[code];
  }

  /** Reads a vid or NONE. */
  public static VdiId readVid(ByteBuf in) {
    int value = readInt(in, "VDI id");
    if (!VdiId.isValid(value)) {
      throw new ProtocolException(String.format("VDI id 0x%x is above 0xffffff", value));
    }
    return new VdiId(value);
  }

  /** Reads a time. */
  public static SheepTime readTime(ByteBuf in) {
    return new SheepTime(readLong(in, "Time"));
  }

  /** Writes an address with its port, 18 bytes. */
  public static void writeAddress(ByteBuf out, NodeAddress address) {
    out.writeLong(address.high());
    out.writeLong(address.low());
    out.writeShortLE(address.port());
  }

  /** Reads what {@link #writeAddress} wrote. */
  public static NodeAddress readAddress(ByteBuf in) {
    WireText.require(in, ADDRESS_SIZE, "Address");
    return new NodeAddress(in.readLong(), in.readLong(), in.readUnsignedShortLE());
  }

  static void writeAddresses(ByteBuf out, List<NodeAddress> addresses) {
    out.writeIntLE(addresses.size());
    addresses.forEach(address -> writeAddress(out, address));
  }

  static List<NodeAddress> readAddresses(ByteBuf in) {
    int count = readCount(in, ADDRESS_SIZE, "Number of addresses");
    List<NodeAddress> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      addresses.add(readAddress(in));
    }
    return addresses;
  }

  static void writeNode(ByteBuf out, NodeEntry node) {
    writeAddress(out, node.address());
    writeAddress(out, node.ioAddress());
    out.writeShortLE(node.vnodes());
    out.writeIntLE(node.zone());
    out.writeLongLE(node.space());
  }

  static NodeEntry readNode(ByteBuf in) {
    NodeAddress address = readAddress(in);
    NodeAddress ioAddress = readAddress(in);
    WireText.require(in, Short.BYTES, "Number of virtual nodes");
    int vnodes = in.readUnsignedShortLE();
    int zone = readInt(in, "Zone");
    return new NodeEntry(address, ioAddress, vnodes, zone, readSize(in, "Space"));
  }

  static void writeConfig(ByteBuf out, @Nullable ClusterConfig config) {
    out.writeBoolean(config != null);
    if (config != null) {
      out.writeLongLE(config.ctime().wire());
      out.writeByte(config.copies());
      out.writeByte(config.copyPolicy());
      out.writeByte(config.blockSizeShift());
      out.writeIntLE(config.flags());
      out.writeIntLE(config.forced().size());
      for (ForcedStart start : config.forced()) {
        out.writeIntLE(start.epoch().value());
        out.writeLongLE(start.id());
      }
      writeHistory(out, config.history());
    }
  }

  static @Nullable ClusterConfig readConfig(ByteBuf in) {
    if (readByte(in, "Configuration mark") == 0) {
      return null;
    }
    SheepTime ctime = readTime(in);
    int copies = readByte(in, "Copies");
    int policy = readByte(in, "Copy policy");
    int shift = readByte(in, "Block size shift");
    int flags = readInt(in, "Cluster flags");
    int count = readCount(in, FORCED_START_SIZE, "Number of forced starts");
    List<ForcedStart> forced = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      forced.add(
          new ForcedStart(new Epoch(readInt(in, "Epoch")), readLong(in, "Id of a forced start")));
    }
    CopiesHistory history = readHistory(in);
    try {
      return new ClusterConfig(ctime, copies, policy, shift, flags, forced, history);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("Not a cluster configuration: " + e.getMessage());
    }
  }

  private static void writeHistory(ByteBuf out, CopiesHistory history) {
    out.writeIntLE(history.forgotten().value());
    out.writeIntLE(history.changes().size());
    for (CopiesChange change : history.changes()) {
      out.writeIntLE(change.vid().value());
      out.writeIntLE(change.epoch().value());
      out.writeByte(change.before());
      out.writeByte(change.after());
      out.writeBoolean(change.written());
    }
  }

  private static CopiesHistory readHistory(ByteBuf in) {
    Epoch forgotten = new Epoch(readInt(in, "Epoch"));
    int count = readCount(in, COPIES_CHANGE_SIZE, "Number of changes of copies");
    if (count > CopiesHistory.MOST) {
      throw new ProtocolException(
          count + " changes of copies; at most " + CopiesHistory.MOST + " are allowed");
    }
    List<CopiesChange> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(
          new CopiesChange(
              readVid(in),
              new Epoch(readInt(in, "Epoch")),
              readByte(in, "Copies before"),
              readByte(in, "Copies after"),
              readByte(in, "Mark of the inode") != 0));
    }
    return new CopiesHistory(forgotten, changes);
  }

  /** Writes an epoch record. */
  public static void writeEpoch(ByteBuf out, EpochRecord record) {
    out.writeIntLE(record.epoch().value());
    out.writeLongLE(record.time().wire());
    out.writeIntLE(record.nodes().size());
    for (EpochNode node : record.nodes()) {
      writeNode(out, node.node());
      out.writeLongLE(node.storeId());
    }
  }

  /** Reads what {@link #writeEpoch} wrote. */
  public static EpochRecord readEpoch(ByteBuf in) {
    Epoch epoch = new Epoch(readInt(in, "Epoch"));
    SheepTime time = readTime(in);
    int count = readCount(in, EPOCH_NODE_SIZE, "Number of nodes");
    if (count > Limits.MAX_NODES) {
      throw new ProtocolException(
          "Epoch with " + count + " nodes; at most " + Limits.MAX_NODES + " are allowed");
    }
    List<EpochNode> nodes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      NodeEntry node = readNode(in);
      nodes.add(new EpochNode(node, readLong(in, "Store id")));
    }
    return new EpochRecord(epoch, time, nodes);
  }
}
