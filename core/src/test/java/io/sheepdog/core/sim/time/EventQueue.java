package io.sheepdog.core.sim.time;

import io.sheepdog.core.spi.Scheduler.Cancellable;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * All that is going to happen in a simulated world, in order of time; events of one instant happen
 * in the order in which they were put in. Deterministic: the same calls give the same run.
 */
public final class EventQueue {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long sequence;
  private long executed;

  private @Nullable Throwable problem;

  /**
   * Something that must not happen happened where nobody would see an exception; the first one
   * counts.
   */
  public void report(Throwable what) {
    if (problem == null) {
      problem = what;
    }
  }

  /** The first reported problem. */
  public @Nullable Throwable problem() {
    return problem;
  }

  /** Nanoseconds since the world began. */
  public long now() {
    return now;
  }

  /** Number of events that have happened. */
  public long executed() {
    return executed;
  }

  /**
   * Runs {@code action} after {@code delay} nanoseconds, as an act of nature: no crash keeps it
   * from happening.
   */
  public Cancellable after(long delay, Runnable action) {
    return add(delay, null, action);
  }

  /** Runs {@code action} after {@code delay} nanoseconds unless {@code owner} has died by then. */
  Cancellable after(long delay, SimProcess owner, Runnable action) {
    return add(delay, owner, action);
  }

  private Cancellable add(long delay, @Nullable SimProcess owner, Runnable action) {
    if (delay < 0) {
      throw new IllegalArgumentException("an event cannot happen " + -delay + " ns ago");
    }
    Event event = new Event(now + delay, sequence++, owner, action);
    events.add(event);
    return event;
  }

  /** Lets the next event happen; false if there is none. */
  public boolean runNext() {
    while (true) {
      Event event = events.poll();
      if (event == null) {
        return false;
      }
      if (event.action == null || (event.owner != null && !event.owner.alive())) {
        continue;
      }
      if (event.owner != null && event.owner.pausedUntil() > event.time) {
        event.time = event.owner.pausedUntil();
        events.add(event);
        continue;
      }
      now = event.time;
      executed++;
      Runnable action = event.action;
      event.action = null;
      action.run();
      return true;
    }
  }

  private static final class Event implements Comparable<Event>, Cancellable {
    private long time;
    private final long order;
    private final @Nullable SimProcess owner;
    private @Nullable Runnable action;

    Event(long time, long order, @Nullable SimProcess owner, Runnable action) {
      this.time = time;
      this.order = order;
      this.owner = owner;
      this.action = action;
    }

    @Override
    public void cancel() {
      action = null;
    }

    @Override
    public int compareTo(Event other) {
      return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
    }
  }
}
