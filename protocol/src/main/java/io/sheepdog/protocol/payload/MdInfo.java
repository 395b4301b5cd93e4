package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import java.util.ArrayList;
import java.util.List;

/**
 * Disks of a node, the answer to MD_INFO: {@value #SIZE} bytes.
 *
 * <pre>
 *  64 x { 0 idx i32 | 4 - u32 | 8 free u64 | 16 used u64 | 24 path char[4096] } of 4120 bytes
 *  263680 nr i32 | 263684 - u32
 * </pre>
 *
 * @param disks at most {@value #MAX_DISKS}
 */
public record MdInfo(List<DiskInfo> disks) {
  /** Bytes of the structure. */
  public static final int SIZE = 263688;

  /** Most disks of a node. */
  public static final int MAX_DISKS = 64;

  private static final int PATH_SIZE = 4096;
  private static final int DISK_SIZE = 4120;
  private static final int COUNT_OFFSET = MAX_DISKS * DISK_SIZE;
  private static final int PADDING = 4;

  /** Checks the number of disks and takes a copy of the list. */
  public MdInfo {
    if (disks.size() > MAX_DISKS) {
      throw new IllegalArgumentException(
          disks.size() + " disks; at most " + MAX_DISKS + " are allowed");
    }
    disks = List.copyOf(disks);
  }

  /**
   * One disk.
   *
   * @param index number of the disk on its node
   * @param free free bytes
   * @param used used bytes
   * @param path directory, at most 4095 bytes
   */
  public record DiskInfo(int index, long free, long used, String path) {
    /** Checks the length of the path. */
    public DiskInfo {
      WireText.check(path, PATH_SIZE, "Disk path");
    }
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field is impossible
   */
  public static MdInfo decode(ByteBuf in) {
    WireText.require(in, SIZE, "Disk info");
    ByteBuf slice = in.readSlice(SIZE);
    int count = slice.getIntLE(COUNT_OFFSET);
    if (count < 0 || count > MAX_DISKS) {
      throw new ProtocolException(
          "Disk info with " + count + " disks; 0 to " + MAX_DISKS + " are allowed");
    }
    List<DiskInfo> disks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int index = slice.readIntLE();
      slice.skipBytes(PADDING);
      long free = slice.readLongLE();
      long used = slice.readLongLE();
      disks.add(new DiskInfo(index, free, used, WireText.read(slice, PATH_SIZE, "Disk path")));
    }
    return new MdInfo(disks);
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    for (DiskInfo disk : disks) {
      out.writeIntLE(disk.index());
      out.writeZero(PADDING);
      out.writeLongLE(disk.free());
      out.writeLongLE(disk.used());
      WireText.write(out, disk.path(), PATH_SIZE, "Disk path");
    }
    out.writeZero((MAX_DISKS - disks.size()) * DISK_SIZE);
    out.writeIntLE(disks.size());
    out.writeZero(PADDING);
  }
}
