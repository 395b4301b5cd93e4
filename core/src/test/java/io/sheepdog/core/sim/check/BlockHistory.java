package io.sheepdog.core.sim.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One block as the holder of the lock sees it: a register. A write that was not acknowledged is
 * there or not; the first read that shows which makes it final.
 */
final class BlockHistory {
  static final long NEVER = Long.MAX_VALUE;

  private final List<Write> writes = new ArrayList<>();
  private final Set<Long> possible = new HashSet<>();
  private final Set<Long> excluded = new HashSet<>();

  /** A write, with simulated times. */
  static final class Write {
    final long value;
    final long invoked;
    long acknowledged = NEVER;

    Write(long value, long invoked) {
      this.value = value;
      this.invoked = invoked;
    }
  }

  BlockHistory(long initial) {
    Write first = new Write(initial, Long.MIN_VALUE);
    first.acknowledged = Long.MIN_VALUE;
    writes.add(first);
    possible.add(initial);
  }

  Write invoke(long value, long now) {
    Write write = new Write(value, now);
    writes.add(write);
    return write;
  }

  /** A write that must never take effect. */
  void forbid(long value) {
    excluded.add(value);
  }

  /** A write of which nobody can say whether it may take effect. */
  void allow(long value) {
    possible.add(value);
  }

  /**
   * A write was acknowledged: it is there, or one that somebody else began later (an owner that is
   * about to lose the lock).
   *
   * @return whether that may be
   */
  boolean acknowledge(Write write, long now) {
    write.acknowledged = now;
    int index = writes.indexOf(write);
    if (endOf(index) != NEVER) {
      return true;
    }
    if (write.value != 0 && excluded.contains(write.value)) {
      return false;
    }
    List<Long> later = new ArrayList<>();
    writes.subList(index + 1, writes.size()).forEach(other -> later.add(other.value));
    possible.retainAll(later);
    possible.add(write.value);
    return true;
  }

  /** Nobody knows whether a write took effect. */
  void doubt(Write write) {
    boolean hidden = endOf(writes.indexOf(write)) != NEVER;
    if (!hidden && (write.value == 0 || !excluded.contains(write.value))) {
      possible.add(write.value);
    }
  }

  /**
   * The holder of the lock has read.
   *
   * @return whether it may have got that
   */
  boolean read(long value) {
    if (!possible.contains(value)) {
      return false;
    }
    for (long other : possible) {
      if (other != value) {
        excluded.add(other);
      }
    }
    possible.clear();
    possible.add(value);
    return true;
  }

  Set<Long> possible() {
    return Set.copyOf(possible);
  }

  /** Whether the block may have had {@code value} at the time {@code point}. */
  boolean mayHaveBeen(long value, long point) {
    for (int i = 0; i < writes.size(); i++) {
      Write write = writes.get(i);
      if (write.value == value && write.invoked <= point && point <= endOf(i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether somebody who began to look at the time {@code since} may have seen {@code value}. */
  boolean mayBeSeen(long value, long since) {
    boolean known = false;
    for (int i = 0; i < writes.size(); i++) {
      if (writes.get(i).value == value) {
        if (endOf(i) >= since) {
          return true;
        }
        known = true;
      }
    }
    return !known;
  }

  /** The earliest time from which a later write certainly hides the one at {@code index}. */
  private long endOf(int index) {
    long end = NEVER;
    for (int i = index + 1; i < writes.size(); i++) {
      end = Math.min(end, writes.get(i).acknowledged);
    }
    return end;
  }

  /** When writes were invoked. */
  List<Long> invocations() {
    return writes.stream().map(write -> write.invoked).toList();
  }
}
