package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The object files that a stripe keeps open, least recently used first, bounded; and the objects
 * whose sync failed. Belongs to one stripe.
 *
 * <p>A file with unsynced data is synced before it is closed, so that an error of its write-back
 * cannot get lost between two descriptors. After a failed fsync the kernel may have dropped the
 * data and call the next one a success; such an object therefore fails every sync until it is
 * replaced or removed, or the daemon is started again (it is in the dirty log then).
 */
final class OpenObjects {
  private final Disk disk;
  private final StoreLayout layout;
  private final int capacity;
  private final Faults faults;
  private final LinkedHashMap<ObjectId, OpenObject> open = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<ObjectId> syncFailed = new HashSet<>();

  /** What an earlier process may have written and not synced before it was killed. */
  private final Set<ObjectId> inherited;

  private final Predicate<ObjectId> isDirty;

  /**
   * @param inherited the objects that are dirty now
   * @param isDirty whether an object is dirty at the time
   */
  OpenObjects(
      Disk disk,
      StoreLayout layout,
      int capacity,
      Faults faults,
      Collection<ObjectId> inherited,
      Predicate<ObjectId> isDirty) {
    this.isDirty = isDirty;
    this.inherited = new HashSet<>(inherited);
    this.disk = disk;
    this.layout = layout;
    this.capacity = capacity;
    this.faults = faults;
  }

  /**
   * The open file, opened if need be; {@link java.nio.file.NoSuchFileException} if there is none.
   */
  OpenObject get(ObjectId oid) throws IOException {
    OpenObject present = open.get(oid);
    if (present != null) {
      return present;
    }
    OpenObject opened = OpenObject.open(disk, layout.object(oid), !isDirty.test(oid));
    open.put(oid, opened);
    if (open.size() > capacity) {
      evictEldest();
    }
    return opened;
  }

  private void evictEldest() throws IOException {
    Iterator<Map.Entry<ObjectId, OpenObject>> eldest = open.entrySet().iterator();
    Map.Entry<ObjectId, OpenObject> entry = eldest.next();
    if (entry.getValue().unsynced()) {
      trySync(entry.getKey(), entry.getValue());
    }
    eldest.remove();
    entry.getValue().close();
  }

  /** Objects with data that was not synced or could not be. */
  List<ObjectId> unsynced() {
    Set<ObjectId> result = new LinkedHashSet<>(syncFailed);
    result.addAll(inherited);
    open.forEach(
        (oid, file) -> {
          if (file.unsynced()) {
            result.add(oid);
          }
        });
    return List.copyOf(result);
  }

  /** Makes an object's data durable; false if that failed now or ever before. */
  boolean sync(ObjectId oid) {
    if (inherited.contains(oid)) {
      return syncInherited(oid);
    }
    OpenObject file = open.get(oid);
    if (file != null && file.unsynced() && !syncFailed.contains(oid)) {
      trySync(oid, file);
    }
    return !syncFailed.contains(oid);
  }

  private boolean syncInherited(ObjectId oid) {
    try {
      return syncAnyway(oid);
    } catch (IOException e) {
      syncFailed.add(oid);
      faults.syncFailed("sync", oid, e);
      return false;
    }
  }

  /**
   * The same whether or not this process has written to it.
   *
   * @throws IOException if it cannot be opened
   */
  boolean syncAnyway(ObjectId oid) throws IOException {
    OpenObject file = get(oid);
    if (faults.isOver()) {
      return !syncFailed.contains(oid);
    }
    if (!syncFailed.contains(oid)) {
      trySync(oid, file);
    }
    return !syncFailed.contains(oid);
  }

  private void trySync(ObjectId oid, OpenObject file) {
    try {
      file.sync();
      inherited.remove(oid);
    } catch (IOException e) {
      syncFailed.add(oid);
      faults.syncFailed("sync", oid, e);
    }
  }

  /** A change of an object failed on the disk: nobody knows what is there. */
  void suspect(ObjectId oid) {
    syncFailed.add(oid);
  }

  /** Whether that happened, or a sync of it failed: what is read may not be what was written. */
  boolean isSuspect(ObjectId oid) {
    return syncFailed.contains(oid);
  }

  /**
   * Forgets an object that is about to be replaced or removed; unsynced data of it no longer
   * matters.
   */
  void forget(ObjectId oid) throws IOException {
    syncFailed.remove(oid);
    inherited.remove(oid);
    @Nullable OpenObject file = open.remove(oid);
    if (file != null) {
      file.close();
    }
  }

  /** Closes all files; unsynced data is not synced. */
  void closeAll() throws IOException {
    syncFailed.clear();
    inherited.clear();
    for (OpenObject file : open.values()) {
      file.close();
    }
    open.clear();
  }
}
