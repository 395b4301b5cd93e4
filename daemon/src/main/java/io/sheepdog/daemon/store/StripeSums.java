package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.CheckedText.FormatException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * CRC-32C of the stripes of an object as of when all replicas agreed, for as long as a stripe is
 * not written to; and which of them were found right lately. Belongs to one stripe of the store.
 *
 * <p>A stripe has 64 KiB, or as much more that there are at most 128: so they fit an attribute. It
 * is made of whole blocks of {@link io.sheepdog.core.spi.ObjectDigest}.
 */
final class StripeSums {
  private static final int SMALLEST = 64 << 10;
  private static final int MOST = 128;

  /**
   * After that a stripe that was found right is looked at again: disks rot below open files, too.
   */
  private static final long VERIFIED_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final long size;
  private final long stripe;
  private final int[] sums;
  private final BitSet known = new BitSet();
  private final BitSet verified = new BitSet();
  private boolean isTimed;
  private long verifiedSince;

  private StripeSums(long size) {
    this.size = size;
    stripe = stripeSize(size);
    sums = new int[count(size)];
    known.set(0, sums.length);
  }

  /** Bytes of a stripe of an object of that size; the last one may be shorter. */
  static long stripeSize(long size) {
    long stripe = SMALLEST;
    while (stripe * MOST < size) {
      stripe <<= 1;
    }
    return stripe;
  }

  private static int count(long size) {
    return (int) ((size + stripeSize(size) - 1) / stripeSize(size));
  }

  /** Sums an object up from its bytes, in their order. */
  static final class Builder {
    private final StripeSums result;
    private final CRC32C sum = new CRC32C();
    private long position;

    /** For an object of {@code size} bytes. */
    Builder(long size) {
      result = new StripeSums(size);
    }

    /** The next bytes; the buffer's position stays. */
    void add(ByteBuffer bytes) {
      ByteBuffer rest = bytes.duplicate();
      int end = rest.limit();
      while (rest.position() < end) {
        long left = result.stripe - position % result.stripe;
        int piece = (int) Math.min(end - rest.position(), left);
        sum.update(rest.limit(rest.position() + piece));
        rest.limit(end);
        position += piece;
        if (position % result.stripe == 0 || position == result.size) {
          result.sums[(int) ((position - 1) / result.stripe)] = (int) sum.getValue();
          sum.reset();
        }
      }
    }

    /** The sums, found right by their making. */
    StripeSums build() {
      result.verified.set(0, result.sums.length);
      return result;
    }
  }

  /** Number of stripes. */
  int count() {
    return sums.length;
  }

  /** The stripe of a byte. */
  int at(long offset) {
    return (int) (offset / stripe);
  }

  long from(int index) {
    return index * stripe;
  }

  long to(int index) {
    return Math.min(size, (index + 1) * stripe);
  }

  /** The first stripe that begins at that byte or behind it. */
  int firstWithin(long offset) {
    return at(offset + stripe - 1);
  }

  /** What was found right long ago counts no more. */
  void expire(long nanoTime) {
    if (!isTimed || nanoTime - verifiedSince > VERIFIED_NANOS) {
      if (isTimed) {
        verified.clear();
      }
      isTimed = true;
      verifiedSince = nanoTime;
    }
  }

  /** The sum of a stripe with these bytes. */
  static int of(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  /** Whether a stripe is to be looked at before somebody gets to see it. */
  boolean isUnverified(int index) {
    return known.get(index) && !verified.get(index);
  }

  /** Whether that is so of any. */
  boolean areUnverified() {
    return verified.cardinality() < known.cardinality();
  }

  boolean isKnown(int index) {
    return known.get(index);
  }

  /** Whether that is the sum of the stripe. */
  boolean matches(int index, int sum) {
    return sums[index] == sum;
  }

  /** Whether both have the same sum of that stripe. */
  boolean matches(int index, StripeSums other) {
    return sums[index] == other.sums[index];
  }

  void setVerified(int index) {
    verified.set(index);
  }

  /** The stripes that the bytes from {@code offset} on are in are not what they were. */
  void forget(long offset, long length) {
    if (length > 0) {
      int end = at(offset + length - 1) + 1;
      known.clear(at(offset), end);
      verified.clear(at(offset), end);
    }
  }

  /** For an attribute: at most 684 characters. */
  String text() {
    ByteBuffer bytes = ByteBuffer.allocate(sums.length * Integer.BYTES);
    bytes.asIntBuffer().put(sums);
    return Base64.getEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** Reads what {@link #text} gave, of an object of that size. */
  static StripeSums parse(long size, String text) throws FormatException {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new FormatException("its checksums are not in base64");
    }
    StripeSums result = new StripeSums(size);
    if (bytes.length != result.sums.length * Integer.BYTES) {
      throw new FormatException(
          "it has " + bytes.length + " bytes of checksums, its size " + size + " needs others");
    }
    ByteBuffer.wrap(bytes).asIntBuffer().get(result.sums);
    return result;
  }
}
