package io.sheepdog.core.sim.store;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A simulated disk: what programs see (page cache) and what a power loss leaves (platter). It
 * outlives the process that uses it.
 */
public final class StoreContents {
  private final NavigableMap<ObjectId, StoredObject> visible = new TreeMap<>();
  private final NavigableMap<ObjectId, StoredObject> durable = new TreeMap<>();
  private final Map<ObjectId, NavigableMap<Epoch, StoredObject>> aside = new HashMap<>();

  private final Set<ObjectId> dirty = new TreeSet<>();

  /** Those that were dirty when the power failed. */
  private final Set<ObjectId> mayHaveLost = new TreeSet<>();

  /** How much room this disk has. */
  public enum Room {
    /** As much as anybody wants. */
    PLENTY,
    /** Nothing but the reserve: objects are overwritten and replaced, new ones refused. */
    RESERVE,
    /** Nothing at all: only what was written before is overwritten. */
    NONE
  }

  /** What an object counts for, whatever it holds. */
  static final long OBJECT_BYTES = 1L << 20;

  private Room room = Room.PLENTY;
  private boolean looks = true;
  private boolean looksWhenCopying = true;
  private long capacity = 1L << 40;

  /** From now on the disk has so many bytes. */
  public void setCapacity(long bytes) {
    capacity = bytes;
  }

  /** From now on so many bytes of the disk are used, whatever is on it later. */
  public void setFull(int percent) {
    long used = (visible.size() + copiesAside()) * OBJECT_BYTES;
    capacity = Math.max(1, used * 100 / percent);
  }

  long capacity() {
    return capacity;
  }

  /** How many objects there are, and copies that were set aside. */
  public int files() {
    return visible.size() + (int) copiesAside();
  }

  long copiesAside() {
    return aside.values().stream().mapToLong(NavigableMap::size).sum();
  }

  /** From now on the disk has that much room. */
  public void setRoom(Room now) {
    room = now;
  }

  boolean refusesCreation(ObjectId oid) {
    return switch (room) {
      case PLENTY -> false;
      case RESERVE -> !visible.containsKey(oid);
      case NONE -> true;
    };
  }

  boolean refusesWrite(StoredObject object, long offset, int length) {
    return room == Room.NONE && object.hasHole(offset, length);
  }

  /**
   * The disk changes a byte of an object; false if that is not here, or not clean: who writes does
   * not look at what was there.
   */
  public boolean flip(ObjectId oid, long offset) {
    StoredObject object = visible.get(oid);
    if (object == null || dirty.contains(oid)) {
      return false;
    }
    object.flip(offset);
    return true;
  }

  /** From now on reads do not look whether bytes are those that were written. */
  public void neverLook() {
    looks = false;
  }

  /** The same of copies of objects for others. */
  public void neverLookWhenCopying() {
    looksWhenCopying = false;
  }

  boolean looksWhenCopying() {
    return looksWhenCopying;
  }

  boolean looks() {
    return looks;
  }

  /** Whether an object has bytes that are not those that were written, whoever knows of it. */
  public boolean isRotten(ObjectId oid) {
    StoredObject object = visible.get(oid);
    return object != null && (object.rot().isUnnoticed() || !object.rot().damaged().isEmpty());
  }

  /** What was not noticed yet in objects that are dirty has not happened. */
  void healDirty() {
    visible.forEach(
        (oid, object) -> {
          if (dirty.contains(oid)) {
            object.heal();
          }
        });
  }

  /** The dirty log: durable before what it is about. */
  Set<ObjectId> dirty() {
    return dirty;
  }

  /** Whether an object was dirty when the power failed, and has been ever since. */
  boolean mayHaveLost(ObjectId oid) {
    return mayHaveLost.contains(oid);
  }

  /** Whether that is so of some object. */
  public boolean mayMissWrites() {
    return !mayHaveLost.isEmpty();
  }

  void notDirty(ObjectId oid) {
    dirty.remove(oid);
    mayHaveLost.remove(oid);
  }

  void lossMadeGood(ObjectId oid) {
    mayHaveLost.remove(oid);
  }

  NavigableMap<ObjectId, StoredObject> visible() {
    return visible;
  }

  NavigableMap<Epoch, StoredObject> aside(ObjectId oid) {
    return aside.computeIfAbsent(oid, unused -> new TreeMap<>());
  }

  /** The objects of which copies were set aside, ascending. */
  public List<ObjectId> objectsSetAside() {
    return aside.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** What the directory says of this name now reaches the platter. */
  void makeNameDurable(ObjectId oid) {
    StoredObject object = visible.get(oid);
    if (object == null) {
      durable.remove(oid);
    } else {
      durable.put(oid, object);
    }
  }

  void clear() {
    visible.clear();
    durable.clear();
    aside.clear();
    dirty.clear();
    mayHaveLost.clear();
  }

  /** The objects that programs see, ascending. */
  public List<ObjectId> objects() {
    return new ArrayList<>(visible.keySet());
  }

  /** Whether programs see the object. */
  public boolean holds(ObjectId oid) {
    return visible.containsKey(oid);
  }

  /** Whether the object would be there after a power loss. */
  public boolean holdsDurably(ObjectId oid) {
    return durable.containsKey(oid);
  }

  /** Appends bytes that programs see; the object must be there. */
  public void read(ObjectId oid, long offset, int length, ByteBuf target) {
    target.writeBytes(object(visible, oid).read(offset, length));
  }

  /**
   * The u32 that a power loss would certainly leave at {@code offset} (a multiple of 4) of a
   * durable object.
   */
  public int readDurableIntLe(ObjectId oid, long offset) {
    return object(durable, oid).readDurableIntLe(offset);
  }

  /** The objects that a power loss would leave, ascending. */
  public List<ObjectId> durableObjects() {
    return new ArrayList<>(durable.keySet());
  }

  /** Whether programs see the same bytes of an object here and there. */
  public boolean sameAs(StoreContents other, ObjectId oid) {
    return object(visible, oid).looksLike(object(other.visible, oid));
  }

  /** The u32 that programs see at {@code offset} (a multiple of 4) of an object that is there. */
  public int readIntLe(ObjectId oid, long offset) {
    return object(visible, oid).readVisibleIntLe(offset);
  }

  /** Whether something written to the object would not certainly survive a power loss. */
  public boolean hasUnsynced(ObjectId oid) {
    return object(visible, oid).hasUnsynced();
  }

  /**
   * The power fails: what was not synced is there or not, sector by sector; names that were not
   * durable are gone or back.
   */
  public void losePower(RandomGenerator random) {
    mayHaveLost.addAll(dirty);
    visible.clear();
    durable.forEach(
        (oid, object) -> {
          object.losePower(random);
          visible.put(oid, object);
        });
  }

  private static StoredObject object(Map<ObjectId, StoredObject> map, ObjectId oid) {
    StoredObject object = map.get(oid);
    if (object == null) {
      throw new IllegalArgumentException("no object " + oid);
    }
    return object;
  }
}
