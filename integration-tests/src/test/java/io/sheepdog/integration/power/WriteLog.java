package io.sheepdog.integration.power;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code blklogwrites} wrote down, in the format of dm-log-writes (Linux,
 * Documentation/admin-guide/device-mapper/log-writes.rst), little-endian.
 *
 * <pre>
 * sector 0     u64 magic | u64 version | u64 entries (not kept up to date) | u32 sector size
 * each entry   u64 first sector | u64 sectors | u64 flags (1 flush, 2 FUA, 4 discard) | u64 length,
 *              padded to a sector; its data follows, but for a discard
 * </pre>
 */
final class WriteLog {
  static final int SECTOR = 512;

  private static final long MAGIC = 0x6a736677736872L;
  private static final int FLUSH = 1;
  private static final int FORCED = 2;
  private static final int DISCARD = 4;

  /**
   * A write, a flush, or a write that follows a flush.
   *
   * @param end position in the log behind it
   * @param barrier whether everything before it, and itself, was on the disk when it was answered
   * @param offset in bytes
   * @param data empty for a flush
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Entry(long end, boolean barrier, long offset, byte[] data) {}

  private WriteLog() {}

  static List<Entry> read(Path log) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(log)) {
      if (bytes(channel, 0, SECTOR).getLong() != MAGIC) {
        throw new AssertionError(log + " is no log of writes");
      }
      long position = SECTOR;
      while (position < channel.size()) {
        ByteBuffer head = bytes(channel, position, SECTOR);
        long first = head.getLong();
        int sectors = Math.toIntExact(head.getLong());
        long flags = head.getLong();
        position += SECTOR;
        byte[] data = new byte[(flags & DISCARD) != 0 ? 0 : Math.multiplyExact(sectors, SECTOR)];
        bytes(channel, position, data.length).get(data);
        position += data.length;
        boolean barrier = (flags & (FLUSH | FORCED)) != 0;
        entries.add(new Entry(position, barrier, first * SECTOR, data));
      }
    }
    return entries;
  }

  private static ByteBuffer bytes(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new AssertionError("the log ends in the middle of an entry, at " + position);
      }
    }
    return bytes.flip();
  }
}
