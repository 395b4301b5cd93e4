package io.sheepdog.core.sim.store;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** One object: what programs see of it, what is on the platter, and the writes between the two. */
final class StoredObject {
  /** What a disk writes or loses as a whole. */
  private static final int SECTOR = 512;

  private static final AtomicLong NEXT_VERSION = new AtomicLong();

  private ObjectAttributes attributes;
  private SparseBytes visible;
  private SparseBytes durable;
  private final List<Unsynced> unsynced = new ArrayList<>();
  private final Rot rot;
  private long version = NEXT_VERSION.incrementAndGet();

  StoredObject(ObjectAttributes attributes) {
    this.attributes = attributes;
    this.rot = new Rot(attributes.size());
    this.visible = new SparseBytes();
    this.durable = new SparseBytes();
  }

  /** This one, with other attributes. */
  StoredObject with(ObjectAttributes other) {
    attributes = other;
    rot.damaged().clear();
    return this;
  }

  ObjectAttributes attributes() {
    return attributes;
  }

  /** A new object with what programs see of this one, not on the platter yet. */
  StoredObject copy(ObjectAttributes other) {
    StoredObject copy = new StoredObject(other);
    copy.visible = visible.copy();
    visible.forEach((offset, bytes) -> copy.unsynced.add(new Unsynced(offset, bytes)));
    return copy;
  }

  /** A checksum of what programs see. */
  long sum() {
    return visible.sum();
  }

  /** Another one after each write. */
  long version() {
    return version;
  }

  /** The disk changes a byte. */
  void flip(long offset) {
    byte original = visible.read(offset, 1)[0];
    rot.add(offset, original);
    byte[] flipped = {(byte) ~original};
    visible.write(offset, flipped, 0, 1);
    durable.write(offset, flipped, 0, 1);
  }

  Rot rot() {
    return rot;
  }

  /** What was not noticed yet has not happened. */
  void heal() {
    rot.heal(0, attributes.size(), visible, durable);
  }

  void write(long offset, byte[] data) {
    rot.heal(offset, offset + data.length, visible, durable);
    rot.overwritten(offset, offset + data.length);
    version = NEXT_VERSION.incrementAndGet();
    visible.write(offset, data, 0, data.length);
    if (data.length > 0) {
      unsynced.add(new Unsynced(offset, data));
    }
  }

  byte[] read(long offset, int length) {
    return visible.read(offset, length);
  }

  /** Whether some of that has never been written. */
  boolean hasHole(long offset, int length) {
    return visible.hasHole(offset, length);
  }

  ObjectDigest digest() {
    return visible.digest(attributes.size()).withDamaged(rot.damaged());
  }

  int readVisibleIntLe(long offset) {
    return visible.readIntLe(offset);
  }

  int readDurableIntLe(long offset) {
    return durable.readIntLe(offset);
  }

  boolean looksLike(StoredObject other) {
    return visible.sameAs(other.visible);
  }

  boolean hasUnsynced() {
    return !unsynced.isEmpty();
  }

  /** Everything written so far reaches the platter. */
  void sync() {
    for (Unsynced write : unsynced) {
      durable.write(write.offset, write.data, 0, write.data.length);
    }
    unsynced.clear();
  }

  /** The disk has not taken what was not synced, and the page cache has dropped it. */
  void dropUnsynced() {
    unsynced.clear();
    visible = durable.copy();
    version = NEXT_VERSION.incrementAndGet();
  }

  /** The power fails: of each unsynced write every sector is there or not. */
  void losePower(RandomGenerator random) {
    for (Unsynced write : unsynced) {
      int done = 0;
      while (done < write.data.length) {
        long position = write.offset + done;
        int piece = Math.min(SECTOR - (int) (position % SECTOR), write.data.length - done);
        if (random.nextBoolean()) {
          durable.write(position, write.data, done, piece);
        }
        done += piece;
      }
    }
    unsynced.clear();
    visible = durable.copy();
  }

  private record Unsynced(long offset, byte[] data) {}
}
