package io.sheepdog.core.replica;

import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Tells other nodes what this one has copies of, so that they find out what they lack. */
final class ObjectListing {
  private final ClusterView cluster;
  private final ObjectStore store;
  private final ObjectGate gate;

  ObjectListing(ClusterView cluster, ObjectStore store, ObjectGate gate) {
    this.cluster = cluster;
    this.store = store;
    this.gate = gate;
  }

  /**
   * A page of a list.
   *
   * @param objects ascending
   * @param isLast whether there are none behind these
   */
  record Page(List<ObjectId> objects, boolean isLast) {}

  /**
   * The objects greater than {@code after} of which there is a copy here that may still be of use,
   * current or set aside, and those that are being created: a creation that was admitted in the
   * epoch before may end, and be acknowledged, after this.
   */
  Page after(ObjectId after, int room) {
    Epoch complete = cluster.state().recovery().complete();
    Set<ObjectId> found = new TreeSet<>();
    // one more than there is room for tells that there are more
    addSome(found, store.objects(), after, room + 1, oid -> true);
    addSome(found, store.objectsSetAside(), after, room + 1, oid -> isOfUse(oid, complete));
    gate.creating().stream().filter(oid -> oid.compareTo(after) > 0).forEach(found::add);
    return new Page(found.stream().limit(room).toList(), found.size() <= room);
  }

  private static void addSome(
      Set<ObjectId> found,
      List<ObjectId> ascending,
      ObjectId after,
      int most,
      Predicate<ObjectId> filter) {
    int position = Collections.binarySearch(ascending, after);
    int first = position >= 0 ? position + 1 : -position - 1;
    ascending.subList(first, ascending.size()).stream()
        .filter(filter)
        .limit(most)
        .forEach(found::add);
  }

  /**
   * A copy that was set aside before the newest complete epoch is older than what its homes hold.
   */
  private boolean isOfUse(ObjectId oid, Epoch complete) {
    List<Epoch> epochs = store.epochsSetAside(oid);
    return !epochs.isEmpty() && !complete.isNewerThan(epochs.get(epochs.size() - 1));
  }
}
