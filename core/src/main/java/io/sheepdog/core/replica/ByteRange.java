package io.sheepdog.core.replica;

/**
 * Bytes of an object.
 *
 * @param from offset of the first, 0..2^32-1
 * @param to offset behind the last, at most 2^32-1
 */
record ByteRange(long from, long to) {
  /** Whatever bytes an object has. */
  static final ByteRange WHOLE = new ByteRange(0, 0xffffffffL);

  /** The smallest range that has all bytes of both. */
  ByteRange hull(ByteRange other) {
    return new ByteRange(Math.min(from, other.from), Math.max(to, other.to));
  }
}
