package io.sheepdog.core.block;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time that passes when the test says so. */
public final class ManualScheduler implements Scheduler, Clock {
  private final List<Task> tasks = new ArrayList<>();
  private Duration now = Duration.ZERO;

  private record Task(Duration at, Runnable action) {}

  @Override
  public long nanoTime() {
    return now.toNanos();
  }

  @Override
  public SheepTime wallTime() {
    return SheepTime.NONE;
  }

  @Override
  public void execute(Runnable task) {
    schedule(Duration.ZERO, task);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable action) {
    Task task = new Task(now.plus(delay), action);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Lets time pass. */
  public void advance(Duration time) {
    now = now.plus(time);
    for (Task task : List.copyOf(tasks)) {
      if (task.at().compareTo(now) <= 0 && tasks.remove(task)) {
        task.action().run();
      }
    }
  }
}
