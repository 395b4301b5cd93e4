package io.sheepdog.protocol.placement;

import java.util.Arrays;

/** Collects ring positions with their owner and sorts them by position, unsigned, ties by owner. */
final class RingPoints {
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
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        (a, b) -> {
          int byPosition = Long.compareUnsigned(positions[a], positions[b]);
          return byPosition != 0 ? byPosition : Integer.compare(owners[a], owners[b]);
        });
    long[] sortedPositions = new long[size];
    int[] sortedOwners = new int[size];
    for (int i = 0; i < size; i++) {
      sortedPositions[i] = positions[order[i]];
      sortedOwners[i] = owners[order[i]];
    }
    return new Sorted(sortedPositions, sortedOwners);
  }

  /** Points in ring order. */
  static final class Sorted {
    private final long[] positions;
    private final int[] owners;

    private Sorted(long[] positions, int[] owners) {
      this.positions = positions;
      this.owners = owners;
    }

    int size() {
      return positions.length;
    }

    long position(int point) {
      return positions[point];
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
      int high = positions.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (Long.compareUnsigned(positions[middle], hash) < 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low == positions.length ? 0 : low;
    }
  }
}
