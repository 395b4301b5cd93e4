package io.sheepdog.core.sim.store;

import io.sheepdog.core.spi.ObjectDigest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Bytes of an object of up to 2 GiB, zero where never written; only chunks that are not zero take
 * memory.
 */
final class SparseBytes {
  private static final int CHUNK_SHIFT = 10;
  private static final int CHUNK = 1 << CHUNK_SHIFT;
  private static final byte[] ZEROS = new byte[CHUNK];

  private final Map<Integer, byte[]> chunks = new HashMap<>();

  /** A copy that shares nothing. */
  SparseBytes copy() {
    SparseBytes copy = new SparseBytes();
    chunks.forEach((index, chunk) -> copy.chunks.put(index, chunk.clone()));
    return copy;
  }

  /** A checksum: the same for the same bytes. */
  long sum() {
    long[] sum = {1};
    forEach(
        (offset, chunk) -> {
          if (!Arrays.equals(chunk, ZEROS)) {
            sum[0] = 31 * (31 * sum[0] + offset) + Arrays.hashCode(chunk);
          }
        });
    return sum[0];
  }

  /** Gives every chunk that has been written, with its offset, ascending. */
  void forEach(BiConsumer<Long, byte[]> action) {
    new TreeMap<>(chunks)
        .forEach((index, chunk) -> action.accept((long) index << CHUNK_SHIFT, chunk.clone()));
  }

  /**
   * Overwrites from {@code offset} with the {@code length} bytes of {@code source} at {@code from}.
   */
  void write(long offset, byte[] source, int from, int length) {
    int done = 0;
    while (done < length) {
      long position = offset + done;
      int within = (int) (position & (CHUNK - 1));
      int piece = Math.min(CHUNK - within, length - done);
      writePiece((int) (position >>> CHUNK_SHIFT), within, source, from + done, piece);
      done += piece;
    }
  }

  private void writePiece(int index, int within, byte[] source, int from, int length) {
    byte[] chunk = chunks.get(index);
    if (chunk == null) {
      if (Arrays.mismatch(source, from, from + length, ZEROS, 0, length) < 0) {
        return;
      }
      chunk = new byte[CHUNK];
      chunks.put(index, chunk);
    }
    System.arraycopy(source, from, chunk, within, length);
  }

  /** The {@code length} bytes from {@code offset}. */
  byte[] read(long offset, int length) {
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      long position = offset + done;
      int within = (int) (position & (CHUNK - 1));
      int piece = Math.min(CHUNK - within, length - done);
      byte[] chunk = chunks.get((int) (position >>> CHUNK_SHIFT));
      if (chunk != null) {
        System.arraycopy(chunk, within, bytes, done, piece);
      }
      done += piece;
    }
    return bytes;
  }

  /** Whether some of that takes no memory. */
  boolean hasHole(long offset, int length) {
    for (long at = offset >>> CHUNK_SHIFT; at << CHUNK_SHIFT < offset + length; at++) {
      if (!chunks.containsKey((int) at)) {
        return true;
      }
    }
    return false;
  }

  /** Checksums of the first {@code size} bytes. */
  ObjectDigest digest(long size) {
    long block = ObjectDigest.blockSize(size);
    BitSet written = new BitSet();
    chunks.keySet().forEach(chunk -> written.set((int) (((long) chunk << CHUNK_SHIFT) / block)));
    return ObjectDigest.ofSparse(
        size,
        i -> {
          int length = (int) Math.min(block, size - i * block);
          return written.get(i) ? ByteBuffer.wrap(read(i * block, length)) : null;
        });
  }

  /** Whether both hold the same bytes. */
  boolean sameAs(SparseBytes other) {
    return covers(other) && other.covers(this);
  }

  private boolean covers(SparseBytes other) {
    for (Map.Entry<Integer, byte[]> entry : other.chunks.entrySet()) {
      if (!Arrays.equals(entry.getValue(), chunks.getOrDefault(entry.getKey(), ZEROS))) {
        return false;
      }
    }
    return true;
  }

  /** The u32 at {@code offset}, a multiple of 4 that lies in one chunk. */
  int readIntLe(long offset) {
    byte[] chunk = chunks.get((int) (offset >>> CHUNK_SHIFT));
    if (chunk == null) {
      return 0;
    }
    int at = (int) (offset & (CHUNK - 1));
    return (chunk[at] & 0xff)
        | (chunk[at + 1] & 0xff) << 8
        | (chunk[at + 2] & 0xff) << 16
        | (chunk[at + 3] & 0xff) << 24;
  }
}
