package io.sheepdog.core.sim.store;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Looks on as a {@link MemoryObjectStore} works: for checks at every instant and for faults in the
 * middle of something.
 */
public interface StoreWatcher {
  /** Sees nothing. */
  StoreWatcher NONE = new StoreWatcher() {};

  /** What an operation does. */
  enum Kind {
    /** Overwrites. */
    WRITE,
    /** Creates or replaces. */
    CREATE,
    /** Removes. */
    REMOVE
  }

  /** An operation was handed in. */
  default void submitted(Kind kind, ObjectId oid, long offset) {}

  /** Bytes became visible; from now on they may reach the platter at any time. */
  default void written(ObjectId oid, long offset, byte[] data) {}

  /** An object vanished. */
  default void removed(ObjectId oid) {}

  /** An operation is complete. */
  default void finished(Kind kind, ObjectId oid, long offset) {}
}
