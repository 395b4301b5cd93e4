package io.sheepdog.core.vdi;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.Fields;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;

/** Entries of the directory as bytes: fields in the order of the record, little-endian. */
public final class VdiEntryCodec {
  /** Bytes of an entry without the bytes of its two texts. */
  public static final int MINIMUM_SIZE = 4 + 1 + 2 + 2 + 4 + 4 + 5 * 8 + 4;

  private VdiEntryCodec() {}

  /** Appends an entry. */
  public static void write(ByteBuf out, VdiEntry entry) {
    out.writeIntLE(entry.vid().value());
    out.writeByte(entry.state().ordinal());
    Fields.writeText(out, entry.name());
    Fields.writeText(out, entry.tag());
    out.writeIntLE(entry.snapshotId());
    out.writeIntLE(entry.parent().value());
    out.writeLongLE(entry.createTime().wire());
    out.writeLongLE(entry.snapshotTime().wire());
    out.writeLongLE(entry.size());
    out.writeLongLE(entry.vmClockNanos());
    out.writeLongLE(entry.vmStateSize());
    out.writeByte(entry.copies());
    out.writeByte(entry.copyPolicy());
    out.writeByte(entry.storePolicy());
    out.writeByte(entry.blockSizeShift());
  }

  /**
   * Reads an entry.
   *
   * @throws io.sheepdog.protocol.ProtocolException if the bytes are none
   */
  public static VdiEntry read(ByteBuf in) {
    VdiId vid = Fields.readVid(in);
    State state = Fields.readEnum(in, State.values(), "State of a VDI");
    String name = Fields.readText(in);
    String tag = Fields.readText(in);
    int snapshotId = Fields.readInt(in, "Snapshot id");
    VdiId parent = Fields.readVid(in);
    SheepTime createTime = Fields.readTime(in);
    SheepTime snapshotTime = Fields.readTime(in);
    return new VdiEntry(
        vid,
        state,
        name,
        tag,
        snapshotId,
        parent,
        createTime,
        snapshotTime,
        Fields.readSize(in, "VDI size"),
        Fields.readLong(in, "VM clock"),
        Fields.readSize(in, "VM state size"),
        Fields.readByte(in, "Copies"),
        Fields.readByte(in, "Copy policy"),
        Fields.readByte(in, "Store policy"),
        Fields.readByte(in, "Block size shift"));
  }
}
