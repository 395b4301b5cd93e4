package io.sheepdog.core.spi;

import java.time.Duration;

/** The core loop: runs one task at a time, in the order given. */
public interface Scheduler {
  /**
   * Runs {@code task} on the core loop after the current one and all that were queued before it.
   */
  void execute(Runnable task);

  /**
   * Runs {@code task} on the core loop once {@code delay} has passed on {@link Clock#nanoTime()}.
   */
  Cancellable schedule(Duration delay, Runnable task);

  /** A scheduled task. */
  interface Cancellable {
    /** Keeps the task from running if it has not started; otherwise does nothing. */
    void cancel();
  }
}
