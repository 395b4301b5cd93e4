package io.sheepdog.protocol.id;

/**
 * The 64-bit FNV-1a hash and the double hash built on it (placement, section 1). All values are
 * unsigned 64-bit.
 */
public final class Fnv {
  /** Initial value. */
  public static final long BASIS = 0xcbf29ce484222325L;

  private static final long PRIME = 0x100000001b3L;

  private Fnv() {}

  /** Hash of the bytes, starting from {@link #BASIS}. */
  public static long hash(byte[] bytes) {
    return hash(bytes, BASIS);
  }

  /**
   * Hash of the bytes, starting from {@code initial}; hashes of consecutive pieces can be chained.
   */
  public static long hash(byte[] bytes, long initial) {
    long hash = initial;
    for (byte b : bytes) {
      hash = step(b, hash);
    }
    return hash;
  }

  /** One step: mixes the low 8 bits of {@code b} into {@code hash}. */
  public static long step(int b, long hash) {
    return (hash ^ (b & 0xff)) * PRIME;
  }

  /** Hash of the 8 little-endian bytes of {@code value}, starting from {@code initial}. */
  public static long hash(long value, long initial) {
    long hash = initial;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      hash = step((int) (value >>> shift), hash);
    }
    return hash;
  }

  /**
   * The value after {@code hash} in a chain of ring positions: the hash fed back as data, with
   * itself as start.
   */
  public static long next(long hash) {
    return hash(hash, hash);
  }

  /** Hash of the bytes, fed back once: the base of the ring positions of a node or disk. */
  public static long doubleHash(byte[] bytes) {
    return next(hash(bytes));
  }

  /** Ring position of an object in v1.0: double hash of the 8 little-endian bytes of its id. */
  public static long doubleHash(long value) {
    return next(hash(value, BASIS));
  }
}
