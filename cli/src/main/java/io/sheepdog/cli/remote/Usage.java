package io.sheepdog.cli.remote;

import io.sheepdog.protocol.payload.VdiUsage;

/**
 * Space of an image in bytes.
 *
 * @param used in objects of its own
 * @param shared in objects of its ancestors
 */
public record Usage(long used, long shared) {
  /** Of as many objects. */
  public static Usage of(VdiUsage counted) {
    long objectSize = counted.inode().objectSize();
    return new Usage(counted.used() * objectSize, counted.shared() * objectSize);
  }
}
