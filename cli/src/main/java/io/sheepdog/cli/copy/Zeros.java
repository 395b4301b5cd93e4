package io.sheepdog.cli.copy;

import java.util.Arrays;

/** Which parts of bytes are not zero. */
public final class Zeros {
  /** Bytes that are looked at together: smaller holes are not worth a hole in a file. */
  public static final int BLOCK = 64 << 10;

  private static final byte[] ZERO = new byte[BLOCK];

  private Zeros() {}

  /** Takes a part that is not zero. */
  @FunctionalInterface
  public interface Taker<E extends Exception> {
    /** Takes it. */
    void take(int offset, int length) throws E;
  }

  /** Whether all of a range is zero. */
  public static boolean all(byte[] bytes, int from, int end) {
    for (int at = from; at < end; at += BLOCK) {
      int stop = Math.min(end, at + BLOCK);
      if (!Arrays.equals(bytes, at, stop, ZERO, 0, stop - at)) {
        return false;
      }
    }
    return true;
  }

  /** Hands over runs of blocks of which each has a byte that is not zero. */
  public static <E extends Exception> void skip(byte[] bytes, int length, Taker<E> taker) throws E {
    int begin = -1;
    for (int at = 0; at < length; at += BLOCK) {
      boolean zero = all(bytes, at, Math.min(length, at + BLOCK));
      if (zero && begin >= 0) {
        taker.take(begin, at - begin);
        begin = -1;
      } else if (!zero && begin < 0) {
        begin = at;
      }
    }
    if (begin >= 0) {
      taker.take(begin, length - begin);
    }
  }
}
