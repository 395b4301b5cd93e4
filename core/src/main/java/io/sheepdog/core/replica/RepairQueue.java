package io.sheepdog.core.replica;

import io.sheepdog.protocol.id.ObjectId;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The repairs that are this node's to make in one epoch: a few at a time, those that somebody waits
 * for before the others. After a loss of power there may be as many as there are objects.
 */
final class RepairQueue {
  private static final int PARALLEL = 16;

  private final Consumer<ObjectId> begin;
  private final Set<ObjectId> known = new HashSet<>();
  private final TreeSet<ObjectId> waiting = new TreeSet<>();
  private final LinkedHashSet<ObjectId> urgent = new LinkedHashSet<>();
  private int running;

  /** Creates an empty queue; {@code begin} starts a repair, whose end is told to {@link #ended}. */
  RepairQueue(Consumer<ObjectId> begin) {
    this.begin = begin;
  }

  /** An object is to be repaired; does nothing if that is known. */
  void add(ObjectId oid) {
    if (known.add(oid)) {
      waiting.add(oid);
      startNext();
    }
  }

  /** Somebody waits for an object; does nothing if its repair is none of this node's or goes on. */
  void hurry(ObjectId oid) {
    if (waiting.remove(oid)) {
      urgent.add(oid);
      startNext();
    }
  }

  /** A repair that was begun has ended. */
  void ended() {
    running--;
    startNext();
  }

  private void startNext() {
    while (running < PARALLEL && !(urgent.isEmpty() && waiting.isEmpty())) {
      Set<ObjectId> first = urgent.isEmpty() ? waiting : urgent;
      ObjectId next = first.iterator().next();
      first.remove(next);
      running++;
      begin.accept(next);
    }
  }
}
