package io.sheepdog.core.spi;

import io.sheepdog.protocol.id.Epoch;

/**
 * Per-object metadata, kept in {@code user.sheepdog.*} xattrs.
 *
 * @param size full size of the object in bytes; writes beyond it are refused
 * @param copies number of replicas wanted (1..31)
 * @param copyPolicy erasure policy byte, 0 = replication
 * @param epoch epoch in which this copy was created here
 */
public record ObjectAttributes(long size, int copies, int copyPolicy, Epoch epoch) {
  public ObjectAttributes {
    if (size < 0 || copies < 1 || copies > 31 || copyPolicy < 0 || copyPolicy > 255) {
      throw new IllegalArgumentException(
          "object attributes out of range: size="
              + size
              + " copies="
              + copies
              + " policy="
              + copyPolicy);
    }
  }

  /** The same in another epoch. */
  public ObjectAttributes in(Epoch other) {
    return new ObjectAttributes(size, copies, copyPolicy, other);
  }
}
