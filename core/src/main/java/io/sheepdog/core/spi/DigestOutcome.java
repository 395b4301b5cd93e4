package io.sheepdog.core.spi;

import org.jspecify.annotations.Nullable;

/**
 * Result of reading a copy for its checksums.
 *
 * @param status how it ended
 * @param digest the checksums when OK, else null
 */
public record DigestOutcome(StoreStatus status, @Nullable ObjectDigest digest) {
  /** One that has no checksums. */
  public static DigestOutcome failed(StoreStatus status) {
    return new DigestOutcome(status, null);
  }
}
