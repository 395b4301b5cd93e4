package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Which objects are here, in memory: filled by the scan at open, then core loop only. */
final class ObjectIndex {
  /** Kind bits 59..63, and none for data objects (spec/object-model.md section 1), ascending. */
  private static final long[] KINDS = {0, 1L << 59, 1L << 60, 1L << 61, 1L << 62, 1L << 63};

  private static final int VDI_SHIFT = 32;

  private final NavigableMap<ObjectId, Long> current = new TreeMap<>();
  private final Map<ObjectId, NavigableSet<Epoch>> aside = new TreeMap<>();
  private long bytes;

  boolean isEmpty() {
    return current.isEmpty() && aside.isEmpty();
  }

  /**
   * Bytes of the current objects at their full size; inodes, which are nearly all holes, are left
   * out.
   */
  long bytes() {
    return bytes;
  }

  boolean holds(ObjectId oid) {
    return current.containsKey(oid);
  }

  List<ObjectId> all() {
    return List.copyOf(current.keySet());
  }

  /** All objects of one vid, ascending. */
  List<ObjectId> of(VdiId vid) {
    List<ObjectId> result = new ArrayList<>();
    for (long kind : KINDS) {
      long first = kind | ((long) vid.value() << VDI_SHIFT);
      ObjectId from = new ObjectId(first);
      ObjectId to = new ObjectId(first | ObjectId.MAX_INDEX);
      result.addAll(current.subMap(from, true, to, true).keySet());
    }
    return result;
  }

  List<Epoch> aside(ObjectId oid) {
    NavigableSet<Epoch> epochs = aside.get(oid);
    return epochs == null ? List.of() : List.copyOf(epochs);
  }

  /** Adds or replaces an object of {@code size} bytes. */
  void add(ObjectId oid, long size) {
    remove(oid);
    long counted = oid.kind() == ObjectKind.INODE ? 0 : size;
    current.put(oid, counted);
    bytes += counted;
  }

  void remove(ObjectId oid) {
    Long size = current.remove(oid);
    if (size != null) {
      bytes -= size;
    }
  }

  /** The objects of which copies were set aside, ascending. */
  List<ObjectId> objectsAside() {
    return List.copyOf(aside.keySet());
  }

  void removeAside(ObjectId oid, Epoch epoch) {
    aside.computeIfPresent(
        oid,
        (key, epochs) -> {
          epochs.remove(epoch);
          return epochs.isEmpty() ? null : epochs;
        });
  }

  void addAside(ObjectId oid, Epoch epoch) {
    aside.computeIfAbsent(oid, key -> new TreeSet<>()).add(epoch);
  }

  /** Forgets objects and copies set aside whose id matches. */
  void removeIf(Predicate<ObjectId> filter) {
    current.keySet().stream().filter(filter).toList().forEach(this::remove);
    aside.keySet().removeIf(filter);
  }
}
