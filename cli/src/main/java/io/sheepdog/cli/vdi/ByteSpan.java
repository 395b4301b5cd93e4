package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import org.jspecify.annotations.Nullable;

/**
 * Part of an image.
 *
 * @param offset first byte
 * @param length bytes
 */
record ByteSpan(long offset, long length) {
  /**
   * Reads the arguments OFFSET and LEN: the default is everything from the beginning; the end is
   * cut to the image's size.
   */
  static ByteSpan parse(
      @Nullable String offset, @Nullable String length, long size, Profile profile)
      throws CommandFailure {
    long from = offset == null ? 0 : ImageSize.bytes(offset, profile);
    if (from > size) {
      throw new CommandFailure(
          1, "Offset " + from + " is beyond the end of the VDI (" + size + " bytes)");
    }
    long wanted = length == null ? size - from : ImageSize.bytes(length, profile);
    return new ByteSpan(from, Math.min(wanted, size - from));
  }

  long end() {
    return offset + length;
  }
}
