package io.sheepdog.core.block;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Index entries that were written and are not known to be on stable storage: a write that has to be
 * durable into such an object must see to its entry first, or the object would not be found.
 */
final class VolatileEntries {
  private final List<BitSet> flushing = new ArrayList<>();
  private BitSet written = new BitSet();

  void add(int index) {
    written.set(index);
  }

  /** The entry is on stable storage. */
  void remove(int index) {
    written.clear(index);
    flushing.forEach(entries -> entries.clear(index));
  }

  boolean contains(int index) {
    return written.get(index) || flushing.stream().anyMatch(entries -> entries.get(index));
  }

  /** A flush begins; it covers what was added before. */
  BitSet beginFlush() {
    BitSet covered = written;
    written = new BitSet();
    flushing.add(covered);
    return covered;
  }

  /** A flush has ended. */
  void endFlush(BitSet covered, boolean successful) {
    flushing.removeIf(entries -> entries == covered);
    if (!successful) {
      written.or(covered);
    }
  }
}
