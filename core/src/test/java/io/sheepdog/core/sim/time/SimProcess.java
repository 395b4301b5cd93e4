package io.sheepdog.core.sim.time;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.time.Instant;

/**
 * One simulated process: its single-threaded loop and its clock. When it dies, everything it still
 * had to do is silently gone; while it is paused, everything waits in order.
 */
public final class SimProcess implements Scheduler, Clock {
  private static final Instant BEGINNING = Instant.parse("2010-05-17T00:00:00Z");

  private final EventQueue queue;
  private final String name;
  private final long clockOffset;
  private boolean alive = true;
  private long pausedUntil;
  private boolean expelled;

  /**
   * @param name for traces
   * @param clockOffset what its monotonic clock showed when the world began, nanoseconds
   */
  public SimProcess(EventQueue queue, String name, long clockOffset) {
    this.queue = queue;
    this.name = name;
    this.clockOffset = clockOffset;
  }

  /** Name for traces. */
  public String name() {
    return name;
  }

  /** Whether it has not been killed. */
  public boolean alive() {
    return alive;
  }

  /** Ends it at once, as SIGKILL does. */
  public void kill() {
    alive = false;
  }

  /** The group goes on without it, although it lives and does not know. */
  public void expel() {
    expelled = true;
  }

  /** Whether the group goes on without it. */
  public boolean isExpelled() {
    return expelled;
  }

  /** Lets it do nothing for a while, as a long garbage collection does. */
  public void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, queue.now() + nanos);
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** Runs {@code action} on this process's loop after {@code delay} nanoseconds. */
  public Cancellable after(long delay, Runnable action) {
    return queue.after(delay, this, action);
  }

  @Override
  public void execute(Runnable task) {
    queue.after(0, this, task);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    return queue.after(Math.max(0, delay.toNanos()), this, task);
  }

  @Override
  public long nanoTime() {
    return queue.now() + clockOffset;
  }

  @Override
  public SheepTime wallTime() {
    return SheepTime.of(BEGINNING.plusNanos(queue.now() / 1000 * 1000));
  }

  @Override
  public String toString() {
    return name;
  }
}
