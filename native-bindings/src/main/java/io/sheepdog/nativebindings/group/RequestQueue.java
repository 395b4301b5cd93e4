package io.sheepdog.nativebindings.group;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Requests that wait for their turn, within bounds. Thread-safe. */
final class RequestQueue {
  /** Requests that may wait. */
  static final int MAX_REQUESTS = 16384;

  /** Bytes that may wait. */
  static final long MAX_BYTES = 64 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Request> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean ended;

  /** False when too much waits. After {@link #end} requests are dropped. */
  boolean add(Request request) {
    lock.lock();
    try {
      if (ended) {
        return true;
      }
      if (waiting.size() >= MAX_REQUESTS || bytes + request.size() > MAX_BYTES) {
        return false;
      }
      waiting.addLast(request);
      bytes += request.size();
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next request; null after {@link #end}. */
  @Nullable Request take() throws InterruptedException {
    lock.lock();
    try {
      while (waiting.isEmpty() && !ended) {
        changed.await();
      }
      Request request = ended ? null : waiting.removeFirst();
      bytes -= request == null ? 0 : request.size();
      return request;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a time. False as soon as the queue has ended. */
  boolean pause(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /** Drops what waits; nothing more is taken. */
  void end() {
    lock.lock();
    try {
      ended = true;
      waiting.clear();
      bytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
