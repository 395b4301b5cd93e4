package io.sheepdog.core.spi;

import org.jspecify.annotations.Nullable;

/**
 * Result of reading a copy for its checksums.
 *
 * @param status how it ended
 * @param digest the checksums when OK, else null
 * @param version for {@link ObjectStore#markClean}, when OK; not 0
 */
public record DigestOutcome(StoreStatus status, @Nullable ObjectDigest digest, long version) {
  /** One that has no checksums. */
  public static DigestOutcome failed(StoreStatus status) {
    return new DigestOutcome(status, null, 0);
  }
}
