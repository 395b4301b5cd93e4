package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.CheckedText.FormatException;
import io.sheepdog.protocol.id.ObjectId;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A record of the dirty log, big-endian.
 *
 * <pre>
 *  0 u64 object id | 8 u32 1 = dirty, 2 = clean | 12 u32 CRC-32C of bytes 0..11
 * </pre>
 */
final class DirtyRecord {
  static final int SIZE = 16;

  private static final int CHECKED = 12;
  private static final int DIRTY = 1;
  private static final int CLEAN = 2;

  private DirtyRecord() {}

  static ByteBuffer encode(Collection<ObjectId> oids, boolean dirty) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(oids.size(), SIZE));
    for (ObjectId oid : oids) {
      int start = bytes.position();
      bytes.putLong(oid.value()).putInt(dirty ? DIRTY : CLEAN);
      bytes.putInt(checksum(bytes.array(), start));
    }
    return bytes.flip();
  }

  /**
   * What a log says.
   *
   * @param dirty the objects that are dirty after all records
   * @param records number of good records from the beginning on; the next belongs behind them
   */
  record Contents(Set<ObjectId> dirty, long records) {}

  /**
   * Reads all records of {@code file}. Bad records at the end are an append that a crash
   * interrupted before its sync, so before the write it announced; a bad record with a good one
   * behind it is damage.
   */
  static Contents replay(Path file) throws IOException {
    Set<ObjectId> dirty = new HashSet<>();
    boolean torn = false;
    long records = 0;
    long whole = Files.size(file) / SIZE;
    byte[] record = new byte[SIZE];
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (long i = 0; i < whole; i++) {
        in.readFully(record);
        boolean good = ByteBuffer.wrap(record).getInt(CHECKED) == checksum(record, 0);
        if (good && torn) {
          throw new FormatException("a bad record is followed by good ones");
        }
        torn |= !good;
        if (good) {
          apply(ByteBuffer.wrap(record), dirty);
          records++;
        }
      }
    }
    return new Contents(dirty, records);
  }

  private static void apply(ByteBuffer record, Set<ObjectId> dirty) throws FormatException {
    ObjectId oid = new ObjectId(record.getLong());
    int kind = record.getInt();
    if (kind == DIRTY) {
      dirty.add(oid);
    } else if (kind == CLEAN) {
      dirty.remove(oid);
    } else {
      throw new FormatException("a record of unknown kind " + kind);
    }
  }

  private static int checksum(byte[] bytes, int start) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, start, CHECKED);
    return (int) crc.getValue();
  }
}
