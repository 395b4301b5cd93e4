package io.sheepdog.daemon.net;

import java.util.ArrayDeque;

/**
 * A bound on bytes that several connections share; who does not get in waits in line. Confined to
 * the event loop.
 */
public final class ByteBudget {
  private final long limit;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private long used;
  private boolean paused;
  private boolean admitting;

  /** A bound of that many bytes. */
  public ByteBudget(long limit) {
    this.limit = limit;
  }

  /** Somebody who waits for bytes. */
  public interface Waiter {
    /** Bytes wanted; does not change while it waits. */
    long wanted();

    /** The bytes are taken. */
    void admitted();
  }

  /** Takes the bytes at once and answers true, or puts the waiter in line. Nobody overtakes. */
  public boolean acquire(Waiter waiter) {
    if (waiting.isEmpty() && fits(waiter)) {
      used += waiter.wanted();
      return true;
    }
    waiting.add(waiter);
    return false;
  }

  /** Takes a waiter out of the line. */
  public void cancel(Waiter waiter) {
    waiting.remove(waiter);
    admitWaiting();
  }

  /** Gives bytes back that were taken. */
  public void release(long bytes) {
    used -= bytes;
    admitWaiting();
  }

  /** Lets nobody in, however little is under way, until called with false. */
  public void pause(boolean newPaused) {
    paused = newPaused;
    admitWaiting();
  }

  /** Bytes taken. */
  public long used() {
    return used;
  }

  private void admitWaiting() {
    if (admitting) {
      return;
    }
    admitting = true;
    try {
      for (Waiter first = waiting.peek(); first != null && fits(first); first = waiting.peek()) {
        waiting.remove();
        used += first.wanted();
        first.admitted();
      }
    } finally {
      admitting = false;
    }
  }

  private boolean fits(Waiter waiter) {
    return !paused && (used == 0 || used + waiter.wanted() <= limit);
  }
}
