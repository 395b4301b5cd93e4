package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One thread that does the file system calls of a part of the objects, in the order in which they
 * were submitted. What waits together is carried out as a {@link Batch} and shares its syncs. The
 * queue is bounded by {@link Backlog}.
 */
final class Stripe {
  /** Longest batch: the first of it waits for the syncs of the last. */
  private static final int MAX_BATCH = 64;

  private final Deque<Task> queue = new ArrayDeque<>();
  private final Batch batch;
  private final OpenObjects open;
  private final Faults faults;
  private final DiskPulse pulse;
  private final Thread thread;
  private boolean closing;
  private boolean broken;

  Stripe(String name, Batch batch, OpenObjects open, Faults faults, DiskPulse pulse) {
    this.batch = batch;
    this.open = open;
    this.faults = faults;
    this.pulse = pulse;
    this.thread = new Thread(this::work, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Queues a task; refuses it once the stripe is closing. */
  void submit(Task task) {
    synchronized (queue) {
      if (!closing) {
        queue.addLast(task);
        queue.notifyAll();
        return;
      }
    }
    task.release();
    task.fail(StoreStatus.IO_ERROR);
  }

  /** Carries out what is queued, syncs everything and ends; {@link #awaitEnd} waits for that. */
  void close() {
    synchronized (queue) {
      closing = true;
      queue.notifyAll();
    }
  }

  void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    for (List<Task> tasks = take(); !tasks.isEmpty(); tasks = take()) {
      runBatch(refuseChanges(tasks));
    }
    open.unsynced().forEach(open::sync);
    try {
      open.closeAll();
    } catch (IOException e) {
      faults.failed(StoreEvent.IO_FAILED, "close", "all", e);
    }
  }

  /**
   * The tasks of the next batch; empty when closing. A batch ends before a task that needs a dirty
   * mark if one in front of it may take marks away, so that marking for the whole batch first is
   * right.
   */
  private List<Task> take() {
    List<Task> tasks = new ArrayList<>();
    synchronized (queue) {
      while (queue.isEmpty() && !closing) {
        awaitNotice();
      }
      boolean unmarked = false;
      while (tasks.size() < MAX_BATCH) {
        Task task = queue.peekFirst();
        if (task == null || (unmarked && task.dirties() != null)) {
          break;
        }
        unmarked |= task.unmarks();
        tasks.add(queue.removeFirst());
      }
    }
    return tasks;
  }

  /**
   * Nobody has reason to interrupt this thread, which would close the files it reads; it only ends
   * by {@link #close}.
   */
  @SuppressWarnings("WaitNotInLoop") // the caller loops and holds the monitor
  private void awaitNotice() {
    try {
      queue.wait();
    } catch (InterruptedException e) {
      StoreEvent.STRIPE_INTERRUPTED.log("thread={}", thread.getName());
    }
  }

  /** A disk that has failed is only read. */
  private List<Task> refuseChanges(List<Task> tasks) {
    if (!faults.isOver()) {
      return tasks;
    }
    List<Task> reads = new ArrayList<>();
    for (Task task : tasks) {
      if (task.isRead()) {
        reads.add(task);
      } else {
        task.release();
        task.fail(StoreStatus.IO_ERROR);
      }
    }
    return reads;
  }

  /**
   * The order that R10 asks for: first the marks are durable, then data changes; answers come last.
   */
  private void runBatch(List<Task> tasks) {
    int started = 0;
    pulse.beat();
    try {
      if (!broken) {
        batch.markDirty(tasks);
        for (Task task : tasks) {
          started++;
          pulse.beat();
          task.run(batch);
        }
        batch.finish();
      }
    } catch (RuntimeException e) {
      // A bug, not a disk: nothing this stripe holds in memory can be trusted, so it answers no
      // more.
      broken = true;
      batch.clear();
      StoreEvent.STRIPE_BROKEN.log(e, "thread={}", thread.getName());
      faults.broken(thread.getName(), e);
    } finally {
      pulse.rest();
    }
    if (broken) {
      tasks.subList(started, tasks.size()).forEach(Task::release);
      tasks.forEach(task -> task.fail(StoreStatus.IO_ERROR));
    }
  }
}
