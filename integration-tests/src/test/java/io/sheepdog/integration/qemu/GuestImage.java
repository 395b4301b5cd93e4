package io.sheepdog.integration.qemu;

import java.nio.file.Path;

/**
 * The guests that {@code script/lib/guest-image.sh} makes from Debian packages. It says what is in
 * them and what they answer on their serial line. Never changed by a test.
 */
public final class GuestImage {

  private GuestImage() {}

  /** A bootable disk in raw format; its size is no multiple of an object's. */
  public static Path disk() {
    return directory().resolve("guest.raw");
  }

  /** A bootable CD with the same kernel. */
  public static Path cd() {
    return directory().resolve("guest.iso");
  }

  /** The directory of a kernel and an initramfs that use a VDI by Linux's own NBD client. */
  public static Path nbdClient() {
    return Path.of(Qemu52.script("nbd-guest.sh"));
  }

  private static Path directory() {
    return Path.of(Qemu52.script("guest-image.sh"));
  }
}
