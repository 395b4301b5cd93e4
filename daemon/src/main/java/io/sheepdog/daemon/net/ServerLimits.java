package io.sheepdog.daemon.net;

import io.sheepdog.protocol.Limits;
import java.time.Duration;

/**
 * Bounds of the servers. Bytes count payloads in both directions, from the header of a request
 * until its reply is with the kernel. How they are shared out is told by {@link ByteBudget}.
 *
 * <p>The three kinds of requests have bounds of their own: gateways must not wait for each other in
 * a circle, so what clients have under way never keeps peers out; and an administrator must get
 * through when the disk hangs.
 *
 * @param connections most connections at a time; default 4096
 * @param connectionRequests most requests under way per connection; default 1024
 * @param connectionBytes most bytes under way per connection; default 64 MiB
 * @param gatewayBytes most bytes under way of object requests of clients; default 128 MiB
 * @param peerBytes most bytes under way of requests of other daemons; default 128 MiB
 * @param adminBytes most bytes under way of all other requests; default 64 MiB
 * @param patience how long a client may leave bytes lying that others wait for; default 10 s
 */
public record ServerLimits(
    int connections,
    int connectionRequests,
    long connectionBytes,
    long gatewayBytes,
    long peerBytes,
    long adminBytes,
    Duration patience) {
  /** The defaults named above. */
  public static final ServerLimits DEFAULTS =
      new ServerLimits(
          4096,
          1024,
          Limits.MAX_PAYLOAD,
          128L << 20,
          128L << 20,
          64L << 20,
          Duration.ofSeconds(10));

  /** Checks the ranges. */
  public ServerLimits {
    if (connections < 1
        || connectionRequests < 1
        || connectionBytes < 1
        || gatewayBytes < 1
        || peerBytes < 1
        || adminBytes < 1
        || patience.toMillis() < Stall.LOOKS) {
      throw new IllegalArgumentException("limits of a server must be positive");
    }
  }
}
