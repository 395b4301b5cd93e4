package io.sheepdog.core.cluster;

import io.sheepdog.core.spi.MemberId;

/**
 * How large the disk of a member is now.
 *
 * @param member whose
 * @param bytes 0 for a disk that has failed
 */
public record DiskSize(MemberId member, long bytes) {
  private static final long PARTS = 100;

  /** Checks the number of bytes. */
  public DiskSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("A disk of " + bytes + " bytes");
    }
  }

  /**
   * Whether a weight of so many bytes is to be another one: the sizes differ by 1 % or more. Who
   * holds nothing begins to hold something only when it joins again.
   */
  public boolean isAnotherThan(long before) {
    return before > 0 && Math.abs(bytes - before) > (before - 1) / PARTS;
  }
}
