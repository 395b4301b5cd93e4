package io.sheepdog.client;

import java.time.Duration;

/**
 * Bounds of a {@link SheepClient}.
 *
 * @param connectTimeout longest time for one connection attempt; default 3 s
 * @param deadline longest time from {@code send} to the reply where the call names none; default 5
 *     s
 * @param tick how exactly deadlines are kept: an overdue request ends at most this much later;
 *     default 50 ms
 * @param maxRequests most requests waiting or under way, 1 or more; default 4096
 * @param maxBytes most payload bytes of those, in both directions (a single larger request is let
 *     through when nothing else is under way); default 256 MiB
 * @param firstBackOff pause after the first failed connection attempt, doubled with each further
 *     one; default 20 ms
 * @param maxBackOff longest pause; default 1 s
 */
public record ClientOptions(
    Duration connectTimeout,
    Duration deadline,
    Duration tick,
    int maxRequests,
    long maxBytes,
    Duration firstBackOff,
    Duration maxBackOff) {
  /** The defaults named above. */
  public static final ClientOptions DEFAULTS =
      new ClientOptions(
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofMillis(50),
          4096,
          256L << 20,
          Duration.ofMillis(20),
          Duration.ofSeconds(1));

  /** Checks the ranges. */
  public ClientOptions {
    positive("connect timeout", connectTimeout);
    positive("deadline", deadline);
    positive("tick", tick);
    positive("first back-off", firstBackOff);
    positive("longest back-off", maxBackOff);
    if (maxRequests < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "bounds must be positive: requests=" + maxRequests + " bytes=" + maxBytes);
    }
  }

  private static void positive(String what, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " must be positive, not " + value);
    }
  }

  /** The same with another deadline. */
  public ClientOptions withDeadline(Duration newDeadline) {
    return new ClientOptions(
        connectTimeout, newDeadline, tick, maxRequests, maxBytes, firstBackOff, maxBackOff);
  }

  /** The same with other bounds on what is under way. */
  public ClientOptions withBounds(int newMaxRequests, long newMaxBytes) {
    return new ClientOptions(
        connectTimeout, deadline, tick, newMaxRequests, newMaxBytes, firstBackOff, maxBackOff);
  }
}
