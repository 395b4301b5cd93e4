package io.sheepdog.integration.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * When every object has all its copies again after a fault, as a node says in its log. The log is
 * looked at rather than asked for: a command is a JVM on the cores that recover.
 */
public final class Redundancy {
  private static final String COMPLETE = "event=RECOVERY_COMPLETE";
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private final Path log;
  private final long before;
  private final long start = System.nanoTime();

  private Redundancy(Path log) {
    this.log = log;
    before = completions();
  }

  /**
   * From now on; no recovery is under way.
   *
   * @param log of a node that is not in trouble
   */
  public static Redundancy lostNow(Path log) {
    return new Redundancy(log);
  }

  /** How long it took; waits until then. */
  public Duration await() {
    Awaitility.await("recovery is complete, says " + log)
        .pollDelay(Duration.ZERO)
        .pollInterval(INTERVAL)
        .atMost(LIMIT)
        .until(() -> completions() > before);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private long completions() {
    try {
      return Files.readString(log).lines().filter(line -> line.contains(COMPLETE)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
