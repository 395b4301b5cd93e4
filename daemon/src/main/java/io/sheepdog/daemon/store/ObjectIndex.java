package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which objects are here, in memory: filled by the scan at open, then core loop only. */
final class ObjectIndex {
  /** Kind bits 59..63, and none for data objects (spec/object-model.md section 1), ascending. */
  private static final long[] KINDS = {0, 1L << 59, 1L << 60, 1L << 61, 1L << 62, 1L << 63};

  private static final int VDI_SHIFT = 32;

  private final NavigableMap<ObjectId, Long> current = new TreeMap<>();
  private final Map<ObjectId, NavigableMap<Epoch, Long>> aside = new TreeMap<>();
  private long bytes;
  private long asideBytes;

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

  /** The same of the copies that were set aside. */
  long asideBytes() {
    return asideBytes;
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
    NavigableMap<Epoch, Long> epochs = aside.get(oid);
    return epochs == null ? List.of() : List.copyOf(epochs.keySet());
  }

  /** Adds or replaces an object of {@code size} bytes. */
  void add(ObjectId oid, long size) {
    remove(oid);
    long counted = counted(oid, size);
    current.put(oid, counted);
    bytes += counted;
  }

  private static long counted(ObjectId oid, long size) {
    return oid.kind() == ObjectKind.INODE ? 0 : size;
  }

  void remove(ObjectId oid) {
    Long size = current.remove(oid);
    if (size != null) {
      bytes -= size;
    }
  }

  /** The object that is here is set aside, in place of a copy that was for that epoch. */
  void setAside(ObjectId oid, Epoch epoch) {
    long size = current.getOrDefault(oid, 0L);
    remove(oid);
    addAside(oid, epoch, size);
  }

  /** The objects of which copies were set aside, ascending. */
  List<ObjectId> objectsAside() {
    return List.copyOf(aside.keySet());
  }

  void removeAside(ObjectId oid, Epoch epoch) {
    aside.computeIfPresent(
        oid,
        (key, epochs) -> {
          Long size = epochs.remove(epoch);
          asideBytes -= size == null ? 0 : size;
          return epochs.isEmpty() ? null : epochs;
        });
  }

  /** Adds or replaces a copy of {@code size} bytes. */
  void addAside(ObjectId oid, Epoch epoch, long size) {
    removeAside(oid, epoch);
    long counted = counted(oid, size);
    aside.computeIfAbsent(oid, key -> new TreeMap<>()).put(epoch, counted);
    asideBytes += counted;
  }

  /** Forgets objects and copies set aside whose id matches. */
  void removeIf(Predicate<ObjectId> filter) {
    current.keySet().stream().filter(filter).toList().forEach(this::remove);
    for (ObjectId oid : objectsAside()) {
      if (filter.test(oid)) {
        aside(oid).forEach(epoch -> removeAside(oid, epoch));
      }
    }
  }
}
