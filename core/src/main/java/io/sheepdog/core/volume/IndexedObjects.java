package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Objects of vids that the holder of a lock writes or wrote to, of which this node knows that their
 * client indexed them: an index that has been deleted since, or an entry that was replaced, named
 * them. Once nobody names such an object any more, nobody ever will.
 *
 * <p>A memory and no more: without it (the node that had it died) the objects go when the lock has
 * ended. One bit for each object of a vid, kept while the vid is in the lineage of a lock.
 */
final class IndexedObjects {
  private final Map<VdiId, BitSet> known = new HashMap<>();

  /** A client gave this name to the object, or another inode did so after it. */
  void note(LockTable locks, VdiId owner, long index) {
    if (locks.of(owner) != null) {
      known.computeIfAbsent(owner, vid -> new BitSet()).set((int) index);
    }
  }

  /**
   * Notes everything that an index names.
   *
   * @param entries from the first on, as they are stored, 4 bytes each; not consumed
   */
  void noteAll(LockTable locks, ByteBuf entries) {
    int count = entries.readableBytes() / Integer.BYTES;
    for (int i = 0; i < count; i++) {
      int owner = entries.getIntLE(entries.readerIndex() + i * Integer.BYTES);
      if (VdiId.isValid(owner) && owner != 0) {
        note(locks, new VdiId(owner), i);
      }
    }
  }

  /** Whether it is known that the object was in an index. */
  boolean contains(ObjectId oid) {
    BitSet indexes = known.get(oid.vid());
    return indexes != null && oid.kind() == ObjectKind.DATA && indexes.get((int) oid.index());
  }

  /** Forgets what the end of locks has made useless. */
  void keepOnly(LockTable locks) {
    known.keySet().removeIf(vid -> locks.of(vid) == null);
  }
}
