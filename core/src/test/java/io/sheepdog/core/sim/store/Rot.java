package io.sheepdog.core.sim.store;

import io.sheepdog.core.spi.ObjectDigest;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Bytes of an object that the disk has changed by itself while the object was clean, and what the
 * store knows of it: nothing, until it looks at a stripe of 64 KiB and finds another checksum.
 */
final class Rot {
  private static final long STRIPE = 64 << 10;

  private final long size;

  /** Bytes as they were written, by offset. */
  private final NavigableMap<Long, Byte> unnoticed = new TreeMap<>();

  /** Blocks that are known to be wrong. */
  private final BitSet damaged = new BitSet();

  Rot(long size) {
    this.size = size;
  }

  void add(long offset, byte original) {
    unnoticed.putIfAbsent(offset, original);
  }

  boolean isUnnoticed() {
    return !unnoticed.isEmpty();
  }

  BitSet damaged() {
    return damaged;
  }

  /** Looks at the stripes of a range; true if it found something. */
  boolean look(long from, long to) {
    NavigableMap<Long, Byte> found =
        unnoticed.subMap(from / STRIPE * STRIPE, true, (to + STRIPE - 1) / STRIPE * STRIPE, false);
    for (long offset : found.keySet()) {
      long stripe = offset / STRIPE * STRIPE;
      long end = Math.min(size, stripe + STRIPE);
      damaged.set(ObjectDigest.blockAt(size, stripe), ObjectDigest.blockAt(size, end - 1) + 1);
    }
    boolean isFound = !found.isEmpty();
    found.clear();
    return isFound;
  }

  /** Whether some of a range is known to be wrong. */
  boolean hits(long from, long to) {
    int next = from == to ? -1 : damaged.nextSetBit(ObjectDigest.blockAt(size, from));
    return next >= 0 && next <= ObjectDigest.blockAt(size, to - 1);
  }

  /** Whole blocks of that range were overwritten. */
  void overwritten(long from, long to) {
    long block = ObjectDigest.blockSize(size);
    int first = (int) ((from + block - 1) / block);
    int end = (int) ((to == size ? to + block - 1 : to) / block);
    if (first < end) {
      damaged.clear(first, end);
    }
  }

  /**
   * What the store would not notice any more, because the stripes are written to: taken back, since
   * the product does not promise to find it.
   */
  void heal(long from, long to, SparseBytes... copies) {
    NavigableMap<Long, Byte> lost =
        unnoticed.subMap(from / STRIPE * STRIPE, true, (to + STRIPE - 1) / STRIPE * STRIPE, false);
    for (Iterator<Map.Entry<Long, Byte>> it = lost.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Long, Byte> entry = it.next();
      for (SparseBytes copy : copies) {
        copy.write(entry.getKey(), new byte[] {entry.getValue()}, 0, 1);
      }
      it.remove();
    }
  }
}
