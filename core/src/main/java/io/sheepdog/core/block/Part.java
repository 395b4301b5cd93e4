package io.sheepdog.core.block;

import java.util.ArrayList;
import java.util.List;

/**
 * The part of a range of a volume that lies in one object.
 *
 * @param index number of the object
 * @param from first byte inside the object
 * @param length bytes, 1 to the size of an object
 * @param position first byte inside the volume
 */
record Part(int index, long from, long length, long position) {
  /**
   * Cuts a range at the borders of objects.
   *
   * @param shift size of an object as a power of two
   * @return ascending; empty for a range of length 0
   */
  static List<Part> split(int shift, long offset, long length) {
    long size = 1L << shift;
    List<Part> parts = new ArrayList<>();
    for (long position = offset; position < offset + length; ) {
      long from = position & (size - 1);
      long here = Math.min(size - from, offset + length - position);
      parts.add(new Part((int) (position >>> shift), from, here, position));
      position += here;
    }
    return parts;
  }

  boolean isWhole(int shift) {
    return length == 1L << shift;
  }
}
