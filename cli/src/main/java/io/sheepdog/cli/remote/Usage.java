package io.sheepdog.cli.remote;

import io.sheepdog.protocol.inode.InodeHeader;

/**
 * Space of an image in bytes.
 *
 * @param used in objects of its own
 * @param shared in objects of its ancestors
 */
public record Usage(long used, long shared) {
  /** Counts the entries of an index. */
  public static Usage of(InodeHeader header, int[] index) {
    long own = 0;
    long shared = 0;
    for (int owner : index) {
      if (owner == header.vdiId().value()) {
        own++;
      } else if (owner != 0) {
        shared++;
      }
    }
    return new Usage(own * header.objectSize(), shared * header.objectSize());
  }
}
