package io.sheepdog.integration.power;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients were told, and how far the disk's log had grown then: a cut at or behind that
 * position must keep it (P1). Thread-safe; each object is written by one client, one write at a
 * time.
 */
final class Promises {
  static final int BLOCK = 4096;

  private static final long NEVER = Long.MAX_VALUE;

  /** A block of an object. */
  record Place(ObjectId oid, int block) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byObject = oid.compareTo(other.oid);
      return byObject != 0 ? byObject : Integer.compare(block, other.block);
    }

    long offset() {
      return (long) block * BLOCK;
    }
  }

  /** A write that was sent; {@code mark} fills its block. */
  static final class Write {
    private final long mark;
    private boolean answered;
    private long durableFrom = NEVER;

    private Write(long mark) {
      this.mark = mark;
    }
  }

  /** What was said of a VDI or snapshot that {@code dog vdi list} shows. */
  private static final class Listed {
    private long from = NEVER;
    private long goingFrom = NEVER;
    private long goneFrom = NEVER;
  }

  private final Map<Place, List<Write>> writes = new TreeMap<>();
  private final Set<VdiId> indexed = new HashSet<>();
  private final Map<String, Listed> listed = new TreeMap<>();
  private long formattedFrom = NEVER;
  private long nextMark = 1;

  synchronized Write sending(Place place) {
    Write write = new Write(nextMark++);
    writes.computeIfAbsent(place, none -> new ArrayList<>()).add(write);
    return write;
  }

  /** Zeros, which have no mark of their own. */
  synchronized Write sendingZeros(Place place) {
    Write write = new Write(0);
    writes.computeIfAbsent(place, none -> new ArrayList<>()).add(write);
    return write;
  }

  /** The objects of that VDI count only as far as its index names them. */
  synchronized void foundByIndex(VdiId vid) {
    indexed.add(vid);
  }

  synchronized boolean isFoundByIndex(VdiId vid) {
    return indexed.contains(vid);
  }

  /** The bytes of a write: its mark, over and over. */
  static long mark(Write write) {
    return write.mark;
  }

  synchronized void answered(Write write, boolean durable, long position) {
    write.answered = true;
    if (durable) {
      write.durableFrom = position;
    }
  }

  /** A flush was answered that was sent after these writes had been. */
  synchronized void flushed(List<Write> covered, long position) {
    for (Write write : covered) {
      if (write.answered) {
        write.durableFrom = Math.min(write.durableFrom, position);
      }
    }
  }

  synchronized void formatted(long position) {
    formattedFrom = position;
  }

  synchronized void listed(String name, long position) {
    listed.computeIfAbsent(name, none -> new Listed()).from = position;
  }

  synchronized void deleting(String name, long position) {
    listed.computeIfAbsent(name, none -> new Listed()).goingFrom = position;
  }

  synchronized void deleted(String name, long position) {
    listed.computeIfAbsent(name, none -> new Listed()).goneFrom = position;
  }

  synchronized boolean formattedBefore(long cut) {
    return formattedFrom <= cut;
  }

  synchronized List<Place> places() {
    return List.copyOf(writes.keySet());
  }

  /** What a block may hold after a cut: marks, 0 where nothing need be. */
  synchronized Set<Long> mayHold(Place place, long cut) {
    Set<Long> marks = new HashSet<>();
    marks.add(0L);
    for (Write write : writes.getOrDefault(place, List.of())) {
      if (write.durableFrom <= cut) {
        marks.clear();
      }
      marks.add(write.mark);
    }
    return marks;
  }

  /** What is wrong with a list of VDIs, null if nothing is. */
  synchronized @Nullable String objectionToList(String list, long cut) {
    for (Map.Entry<String, Listed> entry : listed.entrySet()) {
      Listed said = entry.getValue();
      boolean shown = list.matches("(?s).*\\b" + entry.getKey() + "\\b.*");
      if (said.from <= cut && said.goingFrom > cut && !shown) {
        return entry.getKey() + " is missing in\n" + list;
      }
      if (said.goneFrom <= cut && shown) {
        return entry.getKey() + " was deleted and is back in\n" + list;
      }
    }
    return null;
  }
}
