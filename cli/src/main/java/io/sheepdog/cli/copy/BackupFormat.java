package io.sheepdog.cli.copy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a backup, little-endian. Version 1 is dog's (spec/cli-dog-1.0.md section 2.11);
 * version 2, which we write, adds what makes damage visible:
 *
 * <pre>
 * header  0 version u32 | 4 magic u32 | 8 flags u32 (1: everything, not a difference) | 12 shift u32
 *        16 vdi_size u64 | 24 tag[256] | 280 base tag[256] | 536 base id u32 | 540 crc u32
 * record  0 index u32 | 4 offset u32 | 8 length u32 | 12 crc u32, then length bytes
 * end     0 0xffffffff | 4 records u64 | 12 crc u32
 * </pre>
 *
 * <p>Each crc is CRC-32C: of the header before it, of the first 12 bytes of the record and its
 * data, and at the end of all crcs before. Version 1 ends its header after the magic, and its crcs
 * are 0.
 */
final class BackupFormat {
  static final int MAGIC = 0x11921192;
  static final int V1 = 1;
  static final int V2 = 2;

  /** Most bytes of a record. */
  static final int MAX_LENGTH = 1 << 30;

  private static final int START = 8;
  private static final int HEADER = 544;
  private static final int RECORD = 16;
  private static final int CRC_AT = 12;
  private static final int FULL = 1;
  private static final int END = -1;

  private BackupFormat() {}

  /**
   * What a stream says of itself.
   *
   * @param full whether it holds everything
   * @param shift object size as a power of two; 0 if it is not known
   * @param size bytes of the image; 0 if it is not known
   * @param tag tag of the snapshot
   * @param baseTag tag of the snapshot that it is the difference to
   * @param baseId number of that snapshot
   */
  record Header(boolean full, int shift, long size, String tag, String baseTag, int baseId) {}

  /**
   * A part of an object that is to be written.
   *
   * @param offset bytes within the object
   */
  record Part(int index, int offset, byte[] data) {}

  /** The stream is damaged or no backup. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  private static int crc(byte[] first, int length, byte[] second) {
    CRC32C crc = new CRC32C();
    crc.update(first, 0, length);
    crc.update(second);
    return (int) crc.getValue();
  }

  /** Writes a stream of version 2. */
  static final class Writer {
    private final OutputStream out;
    private final CRC32C all = new CRC32C();
    private long records;

    Writer(OutputStream out, Header header) throws IOException {
      this.out = out;
      ByteBuf bytes = Unpooled.buffer(HEADER, HEADER);
      bytes.writeIntLE(V2).writeIntLE(MAGIC).writeIntLE(header.full() ? FULL : 0);
      bytes.writeIntLE(header.shift()).writeLongLE(header.size());
      WireText.write(bytes, header.tag(), Limits.TAG_SIZE, "Tag");
      WireText.write(bytes, header.baseTag(), Limits.TAG_SIZE, "Tag of the base");
      bytes.writeIntLE(header.baseId());
      note(bytes, crc(bytes.array(), bytes.writerIndex(), new byte[0]));
      out.write(bytes.array());
    }

    private void note(ByteBuf bytes, int crc) {
      bytes.writeIntLE(crc);
      all.update(bytes.array(), bytes.writerIndex() - Integer.BYTES, Integer.BYTES);
    }

    void write(Part part) throws IOException {
      ByteBuf bytes = Unpooled.buffer(RECORD, RECORD);
      bytes.writeIntLE(part.index()).writeIntLE(part.offset()).writeIntLE(part.data().length);
      note(bytes, crc(bytes.array(), CRC_AT, part.data()));
      out.write(bytes.array());
      out.write(part.data());
      records++;
    }

    void finish() throws IOException {
      ByteBuf bytes = Unpooled.buffer(RECORD, RECORD);
      bytes.writeIntLE(END).writeLongLE(records).writeIntLE((int) all.getValue());
      out.write(bytes.array());
      out.flush();
    }
  }

  /** Reads a stream of either version. */
  static final class Reader {
    private final InputStream in;
    private final CRC32C all = new CRC32C();
    private final int version;
    private final Header header;
    private long records;

    Reader(InputStream in) throws IOException, DamagedException {
      this.in = in;
      byte[] start = bytes(START);
      ByteBuf fields = Unpooled.wrappedBuffer(start);
      version = fields.readIntLE();
      if (fields.readIntLE() != MAGIC) {
        throw new DamagedException("This is not a backup: it does not begin like one");
      }
      if (version == V1) {
        header = new Header(false, 0, 0, "", "", 0);
      } else if (version == V2) {
        header = header(start);
      } else {
        throw new DamagedException(
            "The backup has version " + version + "; versions 1 and 2 are known here");
      }
    }

    private Header header(byte[] start) throws IOException, DamagedException {
      byte[] rest = bytes(HEADER - START);
      ByteBuf fields = Unpooled.wrappedBuffer(rest);
      int flags = fields.readIntLE();
      int shift = fields.readIntLE();
      long size = fields.readLongLE();
      byte[] text = new byte[rest.length - Integer.BYTES];
      System.arraycopy(rest, 0, text, 0, text.length);
      int crc = fields.getIntLE(text.length);
      if (crc != crc(start, start.length, text)) {
        throw new DamagedException("The backup is damaged in its first bytes");
      }
      note(crc);
      try {
        return new Header(
            (flags & FULL) != 0,
            shift,
            size,
            WireText.read(fields, Limits.TAG_SIZE, "Tag"),
            WireText.read(fields, Limits.TAG_SIZE, "Tag of the base"),
            fields.readIntLE());
      } catch (ProtocolException e) {
        throw new DamagedException("The backup is damaged: " + e.getMessage());
      }
    }

    private void note(int crc) {
      byte[] bytes = Unpooled.buffer(Integer.BYTES, Integer.BYTES).writeIntLE(crc).array();
      all.update(bytes);
    }

    private byte[] bytes(int count) throws IOException, DamagedException {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw new DamagedException("The backup is cut off after " + records + " records");
      }
      return bytes;
    }

    Header header() {
      return header;
    }

    /**
     * The next part, null at the end.
     *
     * @param objectSize what no part reaches beyond
     */
    @Nullable Part next(long objectSize) throws IOException, DamagedException {
      byte[] head = bytes(RECORD);
      ByteBuf fields = Unpooled.wrappedBuffer(head);
      int index = fields.readIntLE();
      if (index == END) {
        end(fields);
        return null;
      }
      long offset = fields.readUnsignedIntLE();
      long length = fields.readUnsignedIntLE();
      int crc = fields.readIntLE();
      if (index < 0 || length > MAX_LENGTH || offset + length > objectSize) {
        throw damaged();
      }
      byte[] data = bytes((int) length);
      if (version == V2) {
        if (crc != crc(head, CRC_AT, data)) {
          throw damaged();
        }
        note(crc);
      }
      records++;
      return new Part(index, (int) offset, data);
    }

    private void end(ByteBuf fields) throws DamagedException {
      if (version == V2
          && (fields.readLongLE() != records || fields.readIntLE() != (int) all.getValue())) {
        throw new DamagedException("The backup is damaged: records are missing or were exchanged");
      }
    }

    private DamagedException damaged() {
      return new DamagedException("The backup is damaged in record " + (records + 1));
    }
  }
}
