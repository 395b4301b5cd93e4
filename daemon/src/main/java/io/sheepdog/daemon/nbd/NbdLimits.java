package io.sheepdog.daemon.nbd;

import io.sheepdog.daemon.net.Stall;
import java.time.Duration;

/**
 * Bounds of the NBD server, besides the bytes that all clients of a node share.
 *
 * @param connections most connections at a time, those aside that are told that they are too many;
 *     default 1024
 * @param connectionRequests most requests under way per connection; default 256
 * @param connectionBytes most bytes under way per connection, one request aside; by default two
 *     requests of the largest size go together
 * @param handshake how long a client may take to open an export; default two minutes
 * @param patience how long a client may leave bytes lying that others wait for; default 10 s
 */
public record NbdLimits(
    int connections,
    int connectionRequests,
    long connectionBytes,
    Duration handshake,
    Duration patience) {
  /** The defaults named above. */
  public static final NbdLimits DEFAULTS =
      new NbdLimits(
          1024,
          256,
          2L * (Nbd.MAX_BLOCK + Transmission.FIXED_COST),
          Duration.ofMinutes(2),
          Duration.ofSeconds(10));

  /** Checks the ranges. */
  public NbdLimits {
    if (connections < 1
        || connectionRequests < 1
        || connectionBytes < 1
        || handshake.isNegative()
        || handshake.isZero()
        || patience.toMillis() < Stall.LOOKS) {
      throw new IllegalArgumentException("limits of a server must be positive");
    }
  }
}
