package io.sheepdog.daemon.net;

import io.sheepdog.protocol.Limits;

/**
 * Bounds of the servers. Bytes count payloads in both directions, from the header of a request
 * until its reply is with the kernel; one request is let through however large it is, when nothing
 * else is under way.
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
 */
public record ServerLimits(
    int connections,
    int connectionRequests,
    long connectionBytes,
    long gatewayBytes,
    long peerBytes,
    long adminBytes) {
  /** The defaults named above. */
  public static final ServerLimits DEFAULTS =
      new ServerLimits(4096, 1024, Limits.MAX_PAYLOAD, 128L << 20, 128L << 20, 64L << 20);

  /** Checks the ranges. */
  public ServerLimits {
    if (connections < 1
        || connectionRequests < 1
        || connectionBytes < 1
        || gatewayBytes < 1
        || peerBytes < 1
        || adminBytes < 1) {
      throw new IllegalArgumentException("limits of a server must be positive");
    }
  }
}
