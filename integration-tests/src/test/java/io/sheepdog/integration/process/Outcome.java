package io.sheepdog.integration.process;

import java.time.Duration;
import java.util.List;

/**
 * What a finished command left behind.
 *
 * @param command what was run, for messages
 * @param exitCode 128 + n for a process that signal n ended
 * @param stdout everything it printed, at most {@link Cmd#OUTPUT_LIMIT} bytes
 * @param stderr everything it complained, at most {@link Cmd#OUTPUT_LIMIT} bytes
 * @param took from start to end
 */
public record Outcome(String command, int exitCode, String stdout, String stderr, Duration took) {

  /** This outcome, or an error that shows it when the command did not exit with 0. */
  public Outcome orFail() {
    if (exitCode != 0) {
      throw new AssertionError("expected success of " + this);
    }
    return this;
  }

  /** This outcome, or an error that shows it when the command exited with 0. */
  public Outcome mustFail() {
    if (exitCode == 0) {
      throw new AssertionError("expected failure of " + this);
    }
    return this;
  }

  /** Standard output without its line ends. */
  public List<String> lines() {
    return stdout.lines().toList();
  }

  @Override
  public String toString() {
    return "%s%nexit code %d after %d ms%n--- stdout%n%s--- stderr%n%s---"
        .formatted(command, exitCode, took.toMillis(), stdout, stderr);
  }
}
