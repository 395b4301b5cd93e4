package io.sheepdog.core.spi;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntFunction;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Checksums of the blocks of an object: tells which parts of two copies differ.
 *
 * <p>The sum of a block is its CRC-32C in the upper and its CRC-32 in the lower 32 bits. The two
 * polynomials share no factor, so that is one CRC of 64 bits: of changed blocks one in 2^64 looks
 * unchanged.
 */
public final class ObjectDigest {
  /** Blocks of an object of up to 4 MiB; larger ones have larger blocks. */
  private static final int SMALLEST_BLOCK = 8 << 10;

  private static final int MOST_BLOCKS = 512;

  private static final int MARKS = MOST_BLOCKS / Byte.SIZE;

  /** Bytes of the longest digest. */
  public static final int MAX_BYTES = MOST_BLOCKS * Long.BYTES + MARKS;

  private final long size;
  private final long[] sums;

  /** Blocks that are not what was written. */
  private final BitSet damaged;

  private ObjectDigest(long size, long[] sums) {
    this(size, sums, new BitSet());
  }

  private ObjectDigest(long size, long[] sums, BitSet damaged) {
    this.size = size;
    this.sums = sums;
    this.damaged = damaged;
  }

  /** The same of a copy of which those blocks are known not to be what was written. */
  public ObjectDigest withDamaged(BitSet blocks) {
    return new ObjectDigest(size, sums, (BitSet) blocks.clone());
  }

  /** Whether nothing is known against that block. */
  public boolean isTrusted(int index) {
    return !damaged.get(index);
  }

  /** Whether nothing is known against any block. */
  public boolean isTrusted() {
    return damaged.isEmpty();
  }

  /** The block that the byte at {@code offset} of an object of {@code size} bytes is in. */
  public static int blockAt(long size, long offset) {
    return (int) (offset / blockSize(size));
  }

  /**
   * Bytes per block of an object: a power of two from 8 KiB on, so that there are at most 512
   * blocks. The last block may be shorter.
   */
  public static long blockSize(long size) {
    long block = SMALLEST_BLOCK;
    while (block * MOST_BLOCKS < size) {
      block <<= 1;
    }
    return block;
  }

  /**
   * Of an object most of which has never been written.
   *
   * @param blocks gives the bytes of a block, null where all are zero
   */
  public static ObjectDigest ofSparse(long size, IntFunction<@Nullable ByteBuffer> blocks) {
    long[] sums = new long[blocks(size)];
    long block = blockSize(size);
    long zeros = sum(ByteBuffer.allocate((int) block));
    for (int i = 0; i < sums.length; i++) {
      int length = (int) Math.min(block, size - i * block);
      ByteBuffer bytes = blocks.apply(i);
      if (bytes != null) {
        sums[i] = sum(bytes);
      } else {
        sums[i] = length == block ? zeros : sum(ByteBuffer.allocate(length));
      }
    }
    return new ObjectDigest(size, sums);
  }

  private static long sum(ByteBuffer bytes) {
    CRC32C upper = new CRC32C();
    CRC32 lower = new CRC32();
    upper.update(bytes.duplicate());
    lower.update(bytes);
    return upper.getValue() << 32 | lower.getValue();
  }

  /** Number of blocks of an object of that size. */
  private static int blocks(long size) {
    long block = blockSize(size);
    return (int) ((size + block - 1) / block);
  }

  /** Takes an object's bytes in their order. */
  public static final class Builder {
    private final long size;
    private final long block;
    private final long[] sums;
    private final CRC32C upper = new CRC32C();
    private final CRC32 lower = new CRC32();
    private long position;

    /** For an object of {@code size} bytes. */
    public Builder(long size) {
      this.size = size;
      block = blockSize(size);
      sums = new long[blocks(size)];
    }

    /** The next bytes; all that remain in the buffer are taken. */
    public void add(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        int piece = (int) Math.min(bytes.remaining(), block - position % block);
        ByteBuffer part = bytes.slice(bytes.position(), piece);
        upper.update(part.duplicate());
        lower.update(part);
        bytes.position(bytes.position() + piece);
        position += piece;
        if (position % block == 0 || position == size) {
          sums[(int) ((position - 1) / block)] = upper.getValue() << 32 | lower.getValue();
          upper.reset();
          lower.reset();
        }
      }
    }

    /** The digest, once all {@code size} bytes were added. */
    public ObjectDigest build() {
      if (position != size) {
        throw new IllegalStateException("digest of " + position + " of " + size + " bytes");
      }
      return new ObjectDigest(size, sums);
    }
  }

  /** Bytes of the object. */
  public long size() {
    return size;
  }

  /** Number of blocks. */
  public int blocks() {
    return sums.length;
  }

  /** Offset of the first byte of a block; of block {@link #blocks()} the size of the object. */
  public long offset(int index) {
    return Math.min(size, index * blockSize(size));
  }

  /**
   * Whether that block is the same in both, and good as far as anybody knows; false if the objects
   * differ in size.
   */
  public boolean isSame(int index, ObjectDigest other) {
    return size == other.size
        && sums[index] == other.sums[index]
        && isTrusted(index)
        && other.isTrusted(index);
  }

  /** Whether all blocks are. */
  public boolean isSame(ObjectDigest other) {
    return size == other.size
        && damaged.isEmpty()
        && other.damaged.isEmpty()
        && Arrays.equals(sums, other.sums);
  }

  /** Appends the sums, u64 little-endian each, and 512 bits: the damaged blocks. */
  public void writeTo(ByteBuf target) {
    for (long sum : sums) {
      target.writeLongLE(sum);
    }
    target.writeBytes(Arrays.copyOf(damaged.toByteArray(), MARKS));
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IllegalArgumentException if these are not the sums of an object of {@code size} bytes
   */
  public static ObjectDigest read(long size, ByteBuf source) {
    if (source.readableBytes() != blocks(size) * Long.BYTES + MARKS) {
      throw new IllegalArgumentException(
          source.readableBytes() + " bytes are no digest of an object of " + size + " bytes");
    }
    long[] sums = new long[blocks(size)];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = source.readLongLE();
    }
    byte[] marks = new byte[MARKS];
    source.readBytes(marks);
    return new ObjectDigest(size, sums, BitSet.valueOf(marks).get(0, sums.length));
  }
}
