package io.sheepdog.protocol.id;

/**
 * The size of a VDI's data objects as a power of two; one byte on the wire, where 0 means "cluster
 * default".
 */
public final class BlockSizeShift {
  /** 1 MiB objects. */
  public static final int MIN = 20;

  /** 2 GiB objects. */
  public static final int MAX = 31;

  /** 4 MiB objects. */
  public static final int DEFAULT = 22;

  private BlockSizeShift() {}

  /** Whether the value is one of 20..31. */
  public static boolean isValid(int shift) {
    return shift >= MIN && shift <= MAX;
  }

  /**
   * Returns the value itself.
   *
   * @throws IllegalArgumentException unless it is one of 20..31
   */
  public static int check(int shift) {
    if (!isValid(shift)) {
      throw new IllegalArgumentException(
          "Block size shift " + shift + " is out of range; " + MIN + " to " + MAX + " are allowed");
    }
    return shift;
  }

  /** Size of a data object in bytes, 2^20..2^31. */
  public static long objectSize(int shift) {
    return 1L << check(shift);
  }

  /**
   * The shift for an object size in bytes.
   *
   * @throws IllegalArgumentException unless it is a power of two from 1 MiB to 2 GiB
   */
  public static int ofObjectSize(long bytes) {
    int shift = Long.numberOfTrailingZeros(bytes);
    if (Long.bitCount(bytes) != 1 || !isValid(shift)) {
      throw new IllegalArgumentException(
          "Object size " + bytes + " is not allowed; use a power of two from 1 MiB to 2 GiB");
    }
    return shift;
  }
}
