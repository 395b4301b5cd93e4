package io.sheepdog.daemon.store;

import java.util.function.Consumer;

/**
 * Counts what was submitted and not answered, and says when that is too much: the daemon then stops
 * reading its sockets. Core loop only.
 */
final class Backlog {
  /** Beyond this many times the threshold submissions are refused. */
  private static final int REFUSE_FACTOR = 4;

  private final int maxOperations;
  private final long maxBytes;
  private int operations;
  private long bytes;
  private boolean congested;
  private boolean refusalReported;
  private Consumer<Boolean> listener = now -> {};

  Backlog(int maxOperations, long maxBytes) {
    this.maxOperations = maxOperations;
    this.maxBytes = maxBytes;
  }

  void onChange(Consumer<Boolean> newListener) {
    listener = newListener;
  }

  boolean congested() {
    return congested;
  }

  /** Counts an operation; false when it must be refused (then it is not counted). */
  boolean add(int size) {
    boolean full =
        operations >= (long) maxOperations * REFUSE_FACTOR
            || (operations > 0 && bytes + size > maxBytes * REFUSE_FACTOR);
    if (full) {
      if (!refusalReported) {
        refusalReported = true;
        StoreEvent.QUEUE_FULL.log("operations={} bytes={}", operations, bytes);
      }
      return false;
    }
    operations++;
    bytes += size;
    update();
    return true;
  }

  void remove(int size) {
    operations--;
    bytes -= size;
    update();
  }

  /** Congested from the threshold on, until half of it is left. */
  private void update() {
    boolean high = operations >= maxOperations || bytes >= maxBytes;
    boolean low = operations <= maxOperations / 2 && bytes <= maxBytes / 2;
    if (low) {
      refusalReported = false;
    }
    boolean now = congested ? !low : high;
    if (now != congested) {
      congested = now;
      listener.accept(now);
    }
  }
}
