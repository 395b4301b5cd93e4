package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.UUID;

/** Tells the starts of this machine apart: what was not synced before the last one may be lost. */
final class Boot {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private Boot() {}

  /**
   * The same number as long as the machine runs, not 0; another one each time where the system has
   * no such thing, so that nothing is taken for kept that may be lost.
   */
  static long id() {
    return id(BOOT_ID);
  }

  static long id(Path file) {
    long id;
    try {
      UUID uuid = UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII).strip());
      id = uuid.getMostSignificantBits() ^ uuid.getLeastSignificantBits();
    } catch (IOException | IllegalArgumentException e) {
      id = ByteBuffer.wrap(new SecureRandom().generateSeed(Long.BYTES)).getLong();
    }
    return id == 0 ? 1 : id;
  }
}
