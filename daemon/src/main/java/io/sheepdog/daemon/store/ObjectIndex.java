package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Which objects are here, in memory: filled by the scan at open, then core loop only. */
final class ObjectIndex {
  /** Kind bits 59..63, and none for data objects (spec/object-model.md section 1), ascending. */
  private static final long[] KINDS = {0, 1L << 59, 1L << 60, 1L << 61, 1L << 62, 1L << 63};

  private static final int VDI_SHIFT = 32;

  private final NavigableSet<ObjectId> current = new TreeSet<>();
  private final Map<ObjectId, NavigableSet<Epoch>> aside = new HashMap<>();

  boolean holds(ObjectId oid) {
    return current.contains(oid);
  }

  List<ObjectId> all() {
    return List.copyOf(current);
  }

  /** All objects of one vid, ascending. */
  List<ObjectId> of(VdiId vid) {
    List<ObjectId> result = new ArrayList<>();
    for (long kind : KINDS) {
      long first = kind | ((long) vid.value() << VDI_SHIFT);
      ObjectId from = new ObjectId(first);
      ObjectId to = new ObjectId(first | ObjectId.MAX_INDEX);
      result.addAll(current.subSet(from, true, to, true));
    }
    return result;
  }

  List<Epoch> aside(ObjectId oid) {
    NavigableSet<Epoch> epochs = aside.get(oid);
    return epochs == null ? List.of() : List.copyOf(epochs);
  }

  void add(ObjectId oid) {
    current.add(oid);
  }

  void remove(ObjectId oid) {
    current.remove(oid);
  }

  void addAside(ObjectId oid, Epoch epoch) {
    aside.computeIfAbsent(oid, key -> new TreeSet<>()).add(epoch);
  }

  /** Forgets objects and copies set aside whose id matches. */
  void removeIf(Predicate<ObjectId> filter) {
    current.removeIf(filter);
    aside.keySet().removeIf(filter);
  }
}
