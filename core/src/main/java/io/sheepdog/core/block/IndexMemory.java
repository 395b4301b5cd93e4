package io.sheepdog.core.block;

import io.sheepdog.protocol.inode.InodeLayout;

/**
 * Memory for the indexes of working VDIs that are open for writing: each may grow to its full size,
 * so that is what counts.
 */
final class IndexMemory {
  private final long limit;
  private long used;

  /** A bound of that many bytes. */
  IndexMemory(long limit) {
    this.limit = limit;
  }

  /** The share of one VDI. */
  final class Share {
    private long bytes;

    /** Has at least what the index of so many objects can need; false if that is not left. */
    boolean reserve(int objects) {
      long more = Math.max(0, (long) objects * InodeLayout.INDEX_ENTRY_SIZE - bytes);
      if (more > limit - used) {
        return false;
      }
      used += more;
      bytes += more;
      return true;
    }

    /** Gives all of it back. */
    void giveBack() {
      used -= bytes;
      bytes = 0;
    }
  }

  /** A share without anything in it. */
  Share share() {
    return new Share();
  }

  long limit() {
    return limit;
  }

  long used() {
    return used;
  }
}
