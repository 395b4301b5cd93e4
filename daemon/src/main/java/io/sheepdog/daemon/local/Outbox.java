package io.sheepdog.daemon.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What the core loop wants of the driver thread, and what wakes that up. Thread-safe. */
final class Outbox {
  /** Messages that may wait: more means that the event file cannot be written for a long time. */
  static final int MAX_MESSAGES = 16384;

  /** Messages appended at once; the others of the host wait for their turn meanwhile. */
  private static final int MAX_BATCH = 64;

  private final Deque<byte[]> messages = new ArrayDeque<>();
  private final Semaphore wakeUps = new Semaphore(0);
  private boolean leaving;
  private boolean killed;

  /** False when too many wait. */
  boolean add(byte[] message) {
    synchronized (messages) {
      if (messages.size() >= MAX_MESSAGES) {
        return false;
      }
      messages.addLast(message);
    }
    wake();
    return true;
  }

  /** The next messages to append, oldest first. */
  List<byte[]> take() {
    List<byte[]> batch = new ArrayList<>();
    synchronized (messages) {
      while (batch.size() < MAX_BATCH && !messages.isEmpty()) {
        batch.add(messages.removeFirst());
      }
    }
    return batch;
  }

  void leave() {
    synchronized (messages) {
      leaving = true;
    }
    wake();
  }

  /** Whether to leave: all that was to be sent before has been taken. */
  boolean leaving() {
    synchronized (messages) {
      return leaving && messages.isEmpty();
    }
  }

  /** For tests: end without a good-bye. */
  void kill() {
    synchronized (messages) {
      killed = true;
    }
    wake();
  }

  boolean killed() {
    synchronized (messages) {
      return killed;
    }
  }

  void wake() {
    wakeUps.release();
  }

  /** Waits until somebody wants something or the time is over. */
  void await(long millis) throws InterruptedException {
    synchronized (messages) {
      if (!messages.isEmpty()) {
        return;
      }
    }
    if (wakeUps.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
      wakeUps.drainPermits();
    }
  }
}
