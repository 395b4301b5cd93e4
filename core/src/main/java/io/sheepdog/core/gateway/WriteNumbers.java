package io.sheepdog.core.gateway;

import java.util.ArrayDeque;

/**
 * Numbers this gateway's writes, and tells replicas up to which number all have ended everywhere:
 * the others may be on some replicas only should this node die now (R16).
 */
final class WriteNumbers {
  private final ArrayDeque<Ticket> open = new ArrayDeque<>();
  private int last;

  /** A write that has not ended. */
  final class Ticket {
    private final int number;
    private boolean ended;

    private Ticket(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    /** All replicas have it, or the client was told that it failed. */
    void end() {
      ended = true;
      while (!open.isEmpty() && open.element().ended) {
        open.remove();
      }
    }
  }

  /** The next write begins. */
  Ticket next() {
    Ticket ticket = new Ticket(++last);
    open.add(ticket);
    return ticket;
  }

  /** The greatest number up to which all writes have ended. */
  int settled() {
    return open.isEmpty() ? last : open.element().number - 1;
  }
}
