package io.sheepdog.daemon.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * Since when each thread that works with the disk has been at the same thing: a system call that
 * does not return is seen although nobody can ask the thread. Thread-safe; a beat costs a look at
 * the clock and a volatile write.
 */
final class DiskPulse {
  private final LongSupplier nanoTime;
  private final List<Worker> workers = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Worker> own = ThreadLocal.withInitial(this::register);

  /** A thread; written by that thread only. */
  private static final class Worker {
    /** When it began what it does now; {@link #IDLE} when it does nothing. */
    private volatile long since = IDLE;
  }

  private static final long IDLE = 0;

  /** A call that may take long. */
  interface Call<T, E extends Exception> {
    T run() throws E;
  }

  DiskPulse(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private Worker register() {
    Worker worker = new Worker();
    workers.add(worker);
    return worker;
  }

  /** The calling thread begins something, and is done with what it did before. */
  void beat() {
    own.get().since = now();
  }

  /** The calling thread has nothing to do. */
  void rest() {
    own.get().since = IDLE;
  }

  /** Makes a call; afterwards the thread goes on with what it was at, as if that had just begun. */
  <T, E extends Exception> T during(Call<T, E> call) throws E {
    Worker worker = own.get();
    boolean wasIdle = worker.since == IDLE;
    worker.since = now();
    try {
      return call.run();
    } finally {
      worker.since = wasIdle ? IDLE : now();
    }
  }

  private long now() {
    return nanoTime.getAsLong() | 1; // never IDLE
  }

  /** For how long the thread that is stuck longest has been at the same thing; 0 if all rest. */
  long nanosStalled() {
    long now = now();
    long longest = 0;
    for (Worker worker : workers) {
      long since = worker.since;
      if (since != IDLE) {
        longest = Math.max(longest, now - since);
      }
    }
    return longest;
  }
}
