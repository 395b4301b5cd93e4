package io.sheepdog.daemon.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Shares one sync among all threads that wait for it: while one is under way, those who come later
 * wait for the next, which then serves all of them. Once a sync failed every later one fails too:
 * after a failed fsync the kernel may have dropped the data and would answer success to the next.
 * Thread-safe; blocks, so never called on the core loop.
 */
final class GroupCommit {
  /** The sync itself. */
  interface Action {
    void run() throws IOException;
  }

  private final Action action;
  private long requested;
  private long finished;
  private boolean running;
  private @Nullable IOException failure;

  GroupCommit(Action action) {
    this.action = action;
  }

  /** Whether a sync has failed: then all later ones do. */
  synchronized boolean hasFailed() {
    return failure != null;
  }

  /** Returns when everything done before this call is durable. */
  void sync() throws IOException {
    long mine = begin();
    while (!done(mine)) {
      long upTo = lead();
      IOException failed = null;
      try {
        action.run();
      } catch (IOException e) {
        failed = e;
      }
      end(upTo, failed);
    }
  }

  private synchronized long begin() {
    return ++requested;
  }

  /** Waits until {@code ticket} was served (true) or it is this thread's turn to lead (false). */
  private synchronized boolean done(long ticket) throws IOException {
    boolean interrupted = false;
    while (running && finished < ticket && failure == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (finished >= ticket) {
      return true;
    }
    if (failure != null) {
      throw new IOException("an earlier sync failed: " + failure.getMessage(), failure);
    }
    running = true;
    return false;
  }

  private synchronized long lead() {
    return requested;
  }

  private synchronized void end(long upTo, @Nullable IOException failed) {
    running = false;
    if (failed == null) {
      finished = upTo;
    } else {
      failure = failed;
    }
    notifyAll();
  }
}
