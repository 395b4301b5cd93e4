package io.sheepdog.protocol.placement;

import java.util.Arrays;

/**
 * Collects ring positions with their owner and sorts them by position, unsigned, ties in the order
 * of adding.
 */
final class RingPoints {
  private static final int FREE = -1;

  private long[] positions = new long[256];
  private int[] owners = new int[256];
  private int size;

  void add(long position, int owner) {
    if (size == positions.length) {
      positions = Arrays.copyOf(positions, size * 2);
      owners = Arrays.copyOf(owners, size * 2);
    }
    positions[size] = position;
    owners[size] = owner;
    size++;
  }

  /** The sorted points; this collector may be used on. */
  Sorted sort() {
    // Signed order of the flipped values is unsigned order, and sorting primitives keeps large
    // rings cheap.
    long[] sortedKeys = new long[size];
    for (int i = 0; i < size; i++) {
      sortedKeys[i] = positions[i] ^ Long.MIN_VALUE;
    }
    Arrays.sort(sortedKeys);
    int[] sortedOwners = new int[size];
    Arrays.fill(sortedOwners, FREE);
    for (int i = 0; i < size; i++) {
      sortedOwners[firstFree(sortedKeys, sortedOwners, positions[i] ^ Long.MIN_VALUE)] = owners[i];
    }
    return new Sorted(sortedKeys, sortedOwners);
  }

  /**
   * The slot of a point; points with equal positions take theirs in the order in which they were
   * added.
   */
  private static int firstFree(long[] sortedKeys, int[] sortedOwners, long key) {
    int slot = Arrays.binarySearch(sortedKeys, key);
    while (slot > 0 && sortedKeys[slot - 1] == key) {
      slot--;
    }
    while (sortedOwners[slot] != FREE) {
      slot++;
    }
    return slot;
  }

  /** Points in ring order. */
  static final class Sorted {
    private final long[] keys;
    private final int[] owners;

    private Sorted(long[] keys, int[] owners) {
      this.keys = keys;
      this.owners = owners;
    }

    int size() {
      return keys.length;
    }

    long position(int point) {
      return keys[point] ^ Long.MIN_VALUE;
    }

    int owner(int point) {
      return owners[point];
    }

    /**
     * Index of the first point at or after {@code hash}, the first of all if there is none. Not for
     * an empty ring.
     */
    int firstAtOrAfter(long hash) {
      int low = 0;
      int high = keys.length;
      long key = hash ^ Long.MIN_VALUE;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (keys[middle] < key) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low == keys.length ? 0 : low;
    }
  }
}
