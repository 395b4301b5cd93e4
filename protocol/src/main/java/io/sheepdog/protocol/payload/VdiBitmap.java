package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.VdiId;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A set of VDI ids as one bit each, the answer to READ_VDIS and READ_DEL_VDIS: {@value #SIZE}
 * bytes, bit v % 8 (lowest first) of byte v / 8. Mutable, for one thread at a time.
 */
public final class VdiBitmap {
  /** Bytes on the wire. */
  public static final int SIZE = Limits.VDI_BITMAP_SIZE;

  private final long[] words;

  /** The empty set. */
  public VdiBitmap() {
    this(new long[SIZE / Long.BYTES]);
  }

  private VdiBitmap(long[] words) {
    this.words = words;
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws io.sheepdog.protocol.ProtocolException if there are fewer
   */
  public static VdiBitmap decode(ByteBuf in) {
    WireText.require(in, SIZE, "VDI bitmap");
    VdiBitmap bitmap = new VdiBitmap();
    in.nioBuffer(in.readerIndex(), SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asLongBuffer()
        .get(bitmap.words);
    in.skipBytes(SIZE);
    return bitmap;
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.ensureWritable(SIZE);
    for (long word : words) {
      out.writeLongLE(word);
    }
  }

  /** An independent copy. */
  public VdiBitmap copy() {
    return new VdiBitmap(words.clone());
  }

  /** Whether the id is in the set. */
  public boolean get(VdiId vid) {
    return (words[vid.value() >>> 6] >>> vid.value() & 1) != 0;
  }

  /** Adds the id. */
  public void set(VdiId vid) {
    words[vid.value() >>> 6] |= 1L << vid.value();
  }

  /** Removes the id. */
  public void clear(VdiId vid) {
    words[vid.value() >>> 6] &= ~(1L << vid.value());
  }

  /**
   * The first id from {@code from} upward that is not in the set, without wrapping; null if there
   * is none.
   */
  public @Nullable VdiId firstClear(VdiId from) {
    return find(from, -1L);
  }

  /**
   * The first id from {@code from} upward that is in the set, without wrapping; null if there is
   * none.
   */
  public @Nullable VdiId firstSet(VdiId from) {
    return find(from, 0L);
  }

  private @Nullable VdiId find(VdiId from, long inverted) {
    int word = from.value() >>> 6;
    long bits = (words[word] ^ inverted) & -1L << from.value();
    while (bits == 0) {
      if (++word == words.length) {
        return null;
      }
      bits = words[word] ^ inverted;
    }
    return new VdiId(word * Long.SIZE + Long.numberOfTrailingZeros(bits));
  }

  /** Number of ids in the set. */
  public int cardinality() {
    return Arrays.stream(words).mapToInt(Long::bitCount).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VdiBitmap that && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return "VdiBitmap[" + cardinality() + " ids]";
  }
}
