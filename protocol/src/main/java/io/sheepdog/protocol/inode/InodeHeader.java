package io.sheepdog.protocol.inode;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.BlockSizeShift;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;

/**
 * The first {@value InodeLayout#HEADER_SIZE} bytes of an inode object: what is known about a VDI or
 * snapshot.
 *
 * <pre>
 *   0 name[256] | 256 tag[256] | 512 create_time u64 | 520 snap_ctime u64 | 528 vm_clock_nsec u64
 * 536 vdi_size u64 | 544 vm_state_size u64 | 552 copy_policy u8 | 553 store_policy u8 | 554 nr_copies u8
 * 555 block_size_shift u8 | 556 snap_id u32 | 560 vdi_id u32 | 564 parent_vdi_id u32 | 568 btree_counter u32
 * 572 - (4092 bytes, before 0.9 a list of children: ignored, written as zero)
 * </pre>
 *
 * @param name VDI name, at most 255 bytes of UTF-8; empty for a deleted VDI
 * @param tag snapshot tag, at most 255 bytes of UTF-8; often empty
 * @param createTime when the VDI was made
 * @param snapshotTime when it became a snapshot; {@link SheepTime#NONE} for a working VDI
 * @param vmClockNanos virtual clock of the VM at that time, written by QEMU
 * @param vdiSize bytes, 0..2^63-1
 * @param vmStateSize bytes of saved VM state, 0..2^63-1, written by QEMU
 * @param copyPolicy erasure policy byte, 0..255; 0 for replicas
 * @param storePolicy 0 flat index table, 1 hyper volume; 0..255
 * @param copies replicas or strips, 0..255
 * @param blockSizeShift 20..31, or 0 in an empty header
 * @param snapshotId counts up from 1 per name; u32
 * @param vdiId own id
 * @param parentVdiId the snapshot that it is based on, or none
 * @param btreeCounter hyper volumes only; u32
 */
public record InodeHeader(
    String name,
    String tag,
    SheepTime createTime,
    SheepTime snapshotTime,
    long vmClockNanos,
    long vdiSize,
    long vmStateSize,
    int copyPolicy,
    int storePolicy,
    int copies,
    int blockSizeShift,
    int snapshotId,
    VdiId vdiId,
    VdiId parentVdiId,
    int btreeCounter) {

  /** Checks the ranges; a {@link ProtocolException} says which field is wrong. */
  public InodeHeader {
    WireText.check(name, Limits.NAME_SIZE, "VDI name");
    WireText.check(tag, Limits.TAG_SIZE, "Snapshot tag");
    checkSize("VDI size", vdiSize);
    checkSize("VM state size", vmStateSize);
    checkByte("Copy policy", copyPolicy);
    checkByte("Store policy", storePolicy);
    checkByte("Number of copies", copies);
    if (blockSizeShift != 0 && !BlockSizeShift.isValid(blockSizeShift)) {
      throw new ProtocolException(
          "Block size shift "
              + blockSizeShift
              + " of an inode is out of range; 20 to 31 are allowed");
    }
  }

  private static void checkSize(String what, long value) {
    if (value < 0) {
      throw new ProtocolException(
          what + " " + Long.toUnsignedString(value) + " of an inode is above 2^63-1");
    }
  }

  private static void checkByte(String what, int value) {
    if (value < 0 || value > 0xff) {
      throw new ProtocolException(
          what + " " + value + " of an inode is out of range; 0 to 255 are allowed");
    }
  }

  /**
   * Largest size of a VDI in bytes with that block size shift: the index table limits it to 2^20
   * objects.
   */
  public static long maxSize(int blockSizeShift) {
    return BlockSizeShift.objectSize(blockSizeShift) * InodeLayout.INDEX_ENTRIES;
  }

  /**
   * Reads {@value InodeLayout#HEADER_SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field cannot be what it claims to be
   */
  public static InodeHeader decode(ByteBuf in) {
    WireText.require(in, InodeLayout.HEADER_SIZE, "Inode header");
    ByteBuf header = in.readSlice(InodeLayout.HEADER_SIZE);
    String name = WireText.read(header, Limits.NAME_SIZE, "VDI name");
    String tag = WireText.read(header, Limits.TAG_SIZE, "Snapshot tag");
    return new InodeHeader(
        name,
        tag,
        new SheepTime(header.getLongLE(InodeLayout.CREATE_TIME)),
        new SheepTime(header.getLongLE(InodeLayout.SNAPSHOT_TIME)),
        header.getLongLE(InodeLayout.VM_CLOCK),
        header.getLongLE(InodeLayout.VDI_SIZE),
        header.getLongLE(InodeLayout.VM_STATE_SIZE),
        header.getUnsignedByte(InodeLayout.COPY_POLICY),
        header.getUnsignedByte(InodeLayout.STORE_POLICY),
        header.getUnsignedByte(InodeLayout.COPIES),
        header.getUnsignedByte(InodeLayout.BLOCK_SIZE_SHIFT),
        header.getIntLE(InodeLayout.SNAPSHOT_ID),
        vid(header, InodeLayout.VDI_ID),
        vid(header, InodeLayout.PARENT_VDI_ID),
        header.getIntLE(InodeLayout.BTREE_COUNTER));
  }

  private static VdiId vid(ByteBuf header, int offset) {
    int value = header.getIntLE(offset);
    if (!VdiId.isValid(value)) {
      throw new ProtocolException(
          String.format("VDI id 0x%x in an inode is above 0xffffff", value));
    }
    return new VdiId(value);
  }

  /** Appends {@value InodeLayout#HEADER_SIZE} bytes. */
  public void encode(ByteBuf out) {
    int start = out.writerIndex();
    WireText.write(out, name, Limits.NAME_SIZE, "VDI name");
    WireText.write(out, tag, Limits.TAG_SIZE, "Snapshot tag");
    out.writeZero(InodeLayout.HEADER_SIZE - InodeLayout.CREATE_TIME);
    out.setLongLE(start + InodeLayout.CREATE_TIME, createTime.wire());
    out.setLongLE(start + InodeLayout.SNAPSHOT_TIME, snapshotTime.wire());
    out.setLongLE(start + InodeLayout.VM_CLOCK, vmClockNanos);
    out.setLongLE(start + InodeLayout.VDI_SIZE, vdiSize);
    out.setLongLE(start + InodeLayout.VM_STATE_SIZE, vmStateSize);
    out.setByte(start + InodeLayout.COPY_POLICY, copyPolicy);
    out.setByte(start + InodeLayout.STORE_POLICY, storePolicy);
    out.setByte(start + InodeLayout.COPIES, copies);
    out.setByte(start + InodeLayout.BLOCK_SIZE_SHIFT, blockSizeShift);
    out.setIntLE(start + InodeLayout.SNAPSHOT_ID, snapshotId);
    out.setIntLE(start + InodeLayout.VDI_ID, vdiId.value());
    out.setIntLE(start + InodeLayout.PARENT_VDI_ID, parentVdiId.value());
    out.setIntLE(start + InodeLayout.BTREE_COUNTER, btreeCounter);
  }

  /** Whether this is the tombstone of a deleted VDI: it keeps its id but has no name. */
  public boolean isDeleted() {
    return name.isEmpty();
  }

  /** Whether this is a snapshot rather than a working VDI. */
  public boolean isSnapshot() {
    return !snapshotTime.isNone();
  }

  /** Size of a data object in bytes, 2^20..2^31; not for an empty header. */
  public long objectSize() {
    return BlockSizeShift.objectSize(blockSizeShift);
  }

  /**
   * Data objects that the size spans, allocated or not; the last may be used in part. Not for an
   * empty header.
   */
  public long objectCount() {
    return objectsFor(vdiSize);
  }

  /** VM state objects. Not for an empty header. */
  public long vmStateObjectCount() {
    return objectsFor(vmStateSize);
  }

  private long objectsFor(long bytes) {
    long whole = bytes / objectSize();
    return bytes % objectSize() == 0 ? whole : whole + 1;
  }

  /** The same header with another tag. */
  public InodeHeader withTag(String newTag) {
    return new InodeHeader(
        name,
        newTag,
        createTime,
        snapshotTime,
        vmClockNanos,
        vdiSize,
        vmStateSize,
        copyPolicy,
        storePolicy,
        copies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }

  /** The same header turned into a snapshot of that time, or with NONE into a working VDI. */
  public InodeHeader withSnapshotTime(SheepTime newSnapshotTime) {
    return new InodeHeader(
        name,
        tag,
        createTime,
        newSnapshotTime,
        vmClockNanos,
        vdiSize,
        vmStateSize,
        copyPolicy,
        storePolicy,
        copies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }

  /** The same header with what QEMU stores about a VM. */
  public InodeHeader withVmState(long newVmClockNanos, long newVmStateSize) {
    return new InodeHeader(
        name,
        tag,
        createTime,
        snapshotTime,
        newVmClockNanos,
        vdiSize,
        newVmStateSize,
        copyPolicy,
        storePolicy,
        copies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }

  /** The same header with another size in bytes. */
  public InodeHeader withSize(long newVdiSize) {
    return new InodeHeader(
        name,
        tag,
        createTime,
        snapshotTime,
        vmClockNanos,
        newVdiSize,
        vmStateSize,
        copyPolicy,
        storePolicy,
        copies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }

  /** The same header with another redundancy. */
  public InodeHeader withCopies(int newCopies, int newCopyPolicy) {
    return new InodeHeader(
        name,
        tag,
        createTime,
        snapshotTime,
        vmClockNanos,
        vdiSize,
        vmStateSize,
        newCopyPolicy,
        storePolicy,
        newCopies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }

  /** The tombstone of this VDI: name and tag emptied, everything else kept. */
  public InodeHeader cleared() {
    return new InodeHeader(
        "",
        "",
        createTime,
        snapshotTime,
        vmClockNanos,
        vdiSize,
        vmStateSize,
        copyPolicy,
        storePolicy,
        copies,
        blockSizeShift,
        snapshotId,
        vdiId,
        parentVdiId,
        btreeCounter);
  }
}
