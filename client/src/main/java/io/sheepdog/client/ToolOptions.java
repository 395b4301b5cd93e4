package io.sheepdog.client;

import java.time.Duration;

/**
 * Bounds of a {@link ToolConnection}.
 *
 * @param connectTimeout longest time for one address; default 5 s
 * @param replyTimeout longest time from submitting a request to its reply; default 60 s
 * @param maxRequests most requests submitted whose reply was not fetched; default 64
 * @param maxBytes most payload bytes of those, in both directions (a single larger request is let
 *     through); default 128 MiB
 */
public record ToolOptions(
    Duration connectTimeout, Duration replyTimeout, int maxRequests, long maxBytes) {
  /** The defaults named above. */
  public static final ToolOptions DEFAULTS =
      new ToolOptions(Duration.ofSeconds(5), Duration.ofSeconds(60), 64, 128L << 20);

  /** The same with other times. */
  public ToolOptions withTimeouts(Duration newConnectTimeout, Duration newReplyTimeout) {
    return new ToolOptions(newConnectTimeout, newReplyTimeout, maxRequests, maxBytes);
  }
}
