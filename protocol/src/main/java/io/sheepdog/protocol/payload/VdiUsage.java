package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What an inode says of its VDI or snapshot, and how many data objects its index names: at most
 * {@value #MAX_SIZE} bytes.
 *
 * <pre>
 *  0 length of the name u8 | name | length of the tag u8 | tag
 *    bytes 512..571 of the inode (60 bytes) | used u32 | shared u32
 * </pre>
 *
 * @param inode the header
 * @param used objects of its own, 0..2^20
 * @param shared objects of its ancestors, 0..2^20
 */
public record VdiUsage(InodeHeader inode, long used, long shared) {
  private static final int NUMBERS = InodeLayout.FIELDS_END - InodeLayout.CREATE_TIME;

  /** Most bytes of one. */
  public static final int MAX_SIZE = Limits.NAME_SIZE + Limits.TAG_SIZE + NUMBERS + 2 * 4;

  /**
   * Counts the entries of an index.
   *
   * @param index the first entries, as they are stored, 4 bytes each; not consumed
   */
  public static VdiUsage of(InodeHeader inode, ByteBuf index) {
    int self = inode.vdiId().value();
    int own = 0;
    int shared = 0;
    int end = index.writerIndex();
    for (int at = index.readerIndex(); at + InodeLayout.INDEX_ENTRY_SIZE <= end; at += 4) {
      int owner = index.getIntLE(at);
      if (owner == self) {
        own++;
      } else if (owner != 0) {
        shared++;
      }
    }
    return new VdiUsage(inode, own, shared);
  }

  /** Bytes of the index that an inode of that header uses; none of an empty one. */
  public static int indexSize(InodeHeader inode) {
    return inode.blockSizeShift() == 0
        ? 0
        : (int) Math.min(inode.objectCount(), InodeLayout.INDEX_ENTRIES)
            * InodeLayout.INDEX_ENTRY_SIZE;
  }

  /**
   * Reads one.
   *
   * @throws io.sheepdog.protocol.ProtocolException if there are fewer bytes, or a field is
   *     impossible
   */
  public static VdiUsage decode(ByteBuf in) {
    ByteBuf header = Unpooled.buffer(InodeLayout.HEADER_SIZE, InodeLayout.HEADER_SIZE);
    header.setZero(0, InodeLayout.HEADER_SIZE).writerIndex(InodeLayout.HEADER_SIZE);
    readText(in, header, 0);
    readText(in, header, InodeLayout.TAG);
    WireText.require(in, NUMBERS + 2 * 4, "VDI usage");
    in.readBytes(header, InodeLayout.CREATE_TIME, NUMBERS);
    return new VdiUsage(InodeHeader.decode(header), in.readUnsignedIntLE(), in.readUnsignedIntLE());
  }

  private static void readText(ByteBuf in, ByteBuf header, int offset) {
    WireText.require(in, 1, "VDI usage");
    int length = in.readUnsignedByte();
    WireText.require(in, length, "VDI usage");
    in.readBytes(header, offset, length);
  }

  /** Whether an encoded one is of a VDI that was deleted. */
  public static boolean isDeleted(byte[] encoded) {
    return encoded[0] == 0;
  }

  /** Reads the whole buffer; see {@link #decode}. */
  public static List<VdiUsage> decodeList(ByteBuf in) {
    List<VdiUsage> all = new ArrayList<>();
    while (in.isReadable()) {
      all.add(decode(in));
    }
    return all;
  }

  /** Appends it. */
  public void encode(ByteBuf out) {
    writeText(out, inode.name());
    writeText(out, inode.tag());
    ByteBuf header = Unpooled.buffer(InodeLayout.HEADER_SIZE, InodeLayout.HEADER_SIZE);
    inode.encode(header);
    out.writeBytes(header, InodeLayout.CREATE_TIME, NUMBERS);
    out.writeIntLE((int) used).writeIntLE((int) shared);
  }

  private static void writeText(ByteBuf out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeByte(bytes.length).writeBytes(bytes);
  }
}
