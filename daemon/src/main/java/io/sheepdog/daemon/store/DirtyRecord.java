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
 *  0 u64 object id, or what a start of the machine is known by
 *  8 u32 1 = dirty, 2 = clean, 3 = what follows was written since that start of the machine
 * 12 u32 CRC-32C of bytes 0..11
 * </pre>
 */
final class DirtyRecord {
  static final int SIZE = 16;

  private static final int CHECKED = 12;
  private static final int DIRTY = 1;
  private static final int CLEAN = 2;
  private static final int BOOT = 3;

  private DirtyRecord() {}

  static ByteBuffer encode(Collection<ObjectId> oids, boolean dirty) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(oids.size(), SIZE));
    oids.forEach(oid -> put(bytes, oid.value(), dirty ? DIRTY : CLEAN));
    return bytes.flip();
  }

  /** That the machine was started; {@code boot} tells its starts apart. */
  static ByteBuffer encodeBoot(long boot) {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    put(bytes, boot, BOOT);
    return bytes.flip();
  }

  private static void put(ByteBuffer bytes, long value, int kind) {
    int start = bytes.position();
    bytes.putLong(value).putInt(kind);
    bytes.putInt(checksum(bytes.array(), start));
  }

  /**
   * What a log says.
   *
   * @param dirty the objects that are dirty after all records
   * @param records number of good records from the beginning on; the next belongs behind them
   * @param boot the last start of the machine that it tells of; 0 if it tells of none
   * @param sinceBoot those of the dirty objects that were marked since then
   */
  record Contents(Set<ObjectId> dirty, long records, long boot, Set<ObjectId> sinceBoot) {}

  /** What the records so far have said. */
  private static final class Reader {
    final Set<ObjectId> dirty = new HashSet<>();
    final Set<ObjectId> sinceBoot = new HashSet<>();
    long boot;

    void apply(ByteBuffer record) throws FormatException {
      long value = record.getLong();
      int kind = record.getInt();
      switch (kind) {
        case DIRTY -> {
          dirty.add(new ObjectId(value));
          sinceBoot.add(new ObjectId(value));
        }
        case CLEAN -> {
          dirty.remove(new ObjectId(value));
          sinceBoot.remove(new ObjectId(value));
        }
        case BOOT -> {
          boot = value;
          sinceBoot.clear();
        }
        default -> throw new FormatException("a record of unknown kind " + kind);
      }
    }
  }

  /**
   * Reads all records of {@code file}. Bad records at the end are an append that a crash
   * interrupted before its sync, so before the write it announced; a bad record with a good one
   * behind it is damage.
   */
  static Contents replay(Path file) throws IOException {
    Reader reader = new Reader();
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
          reader.apply(ByteBuffer.wrap(record));
          records++;
        }
      }
    }
    return new Contents(reader.dirty, records, reader.boot, reader.sinceBoot);
  }

  private static int checksum(byte[] bytes, int start) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, start, CHECKED);
    return (int) crc.getValue();
  }
}
