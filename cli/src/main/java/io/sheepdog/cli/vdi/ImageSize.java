package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.protocol.inode.InodeHeader;

/** Sizes of images as arguments: whole sectors, at least one, at most what the index can hold. */
final class ImageSize {
  private static final int SECTOR = 512;

  private ImageSize() {}

  /** Reads an argument; rounded up to whole sectors, as QEMU does. */
  static long parse(String text, Profile profile) throws CommandFailure {
    long bytes = bytes(text, profile);
    if (bytes == 0) {
      throw new CommandFailure(
          profile.usageExit(),
          "Invalid size '" + text + "': an image needs at least " + SECTOR + " bytes");
    }
    long over = bytes % SECTOR;
    return over == 0 || bytes > Long.MAX_VALUE - SECTOR ? bytes : bytes + SECTOR - over;
  }

  /** Reads a number of bytes. */
  static long bytes(String text, Profile profile) throws CommandFailure {
    try {
      return Sizes.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(profile.usageExit(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Refuses what an image cannot have.
   *
   * @param what how the message begins
   */
  static void checkLimit(long bytes, int blockSizeShift, String what, Profile profile)
      throws CommandFailure {
    long limit = InodeHeader.maxSize(blockSizeShift);
    if (bytes > limit) {
      throw new CommandFailure(
          profile.usageExit(),
          what
              + ": "
              + bytes
              + " bytes are more than "
              + limit
              + " ("
              + Sizes.human(limit)
              + "), the limit with objects of 2^"
              + blockSizeShift
              + " bytes (-z of vdi create, 20 to 31)");
    }
  }
}
