package io.sheepdog.core.sim.time;

import java.util.random.RandomGenerator;

/**
 * Seeded durations of simulated work: mostly near the minimum, sometimes far above it, so that
 * things overtake each other.
 *
 * @param min shortest, nanoseconds
 * @param typical longest of the usual ones, nanoseconds
 * @param max longest, nanoseconds
 * @param slowOneIn how seldom it takes longer than typical; 0 for never
 */
public record Delays(long min, long typical, long max, int slowOneIn) {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  /** A packet in a local network. */
  public static final Delays NETWORK = new Delays(20 * MICRO, 200 * MICRO, 20 * MILLI, 20);

  /** A disk. */
  public static final Delays DISK = new Delays(10 * MICRO, 300 * MICRO, 40 * MILLI, 30);

  /** From multicast to order, and from order to a member. */
  public static final Delays CLUSTER = new Delays(50 * MICRO, 500 * MICRO, 60 * MILLI, 15);

  /** From the death of a process to its being known. */
  public static final Delays DETECTION = new Delays(MILLI, 30 * MILLI, 300 * MILLI, 5);

  /** A duration drawn from this distribution. */
  public long draw(RandomGenerator random) {
    long most = slowOneIn != 0 && random.nextInt(slowOneIn) == 0 ? max : typical;
    return random.nextLong(min, most + 1);
  }
}
