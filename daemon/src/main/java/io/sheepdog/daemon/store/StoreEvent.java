package io.sheepdog.daemon.store;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What a store writes to the log: one line per event, {@code event=NAME key=value ...}. */
enum StoreEvent {
  /** The directory was empty and became a store. Nothing to do. */
  STORE_CREATED(Level.INFO),
  /** The store was opened. Nothing to do. */
  STORE_OPENED(Level.INFO),
  /** All operations are done and synced. Nothing to do. */
  STORE_CLOSED(Level.INFO),
  /**
   * A temporary file of an interrupted operation was removed. Nothing to do: it was never
   * acknowledged.
   */
  LEFTOVER_REMOVED(Level.INFO),
  /**
   * A file that no store writes lies among the store's files. It is left alone. Operator: move it
   * elsewhere.
   */
  FOREIGN_FILE(Level.WARN),
  /**
   * The file system is full; writes that need room are refused until there is some. Operator:
   * delete VDIs, which always works, or add nodes or a larger disk.
   */
  NO_SPACE(Level.ERROR),
  /**
   * The file system is 85 % full. Operator: delete VDIs, or add nodes or a larger disk, before new
   * objects are refused.
   */
  SPACE_LOW(Level.WARN),
  /**
   * Nothing but the reserve is left on the file system: new objects are refused. What is there can
   * be read and overwritten, and VDIs can be deleted. Operator: delete VDIs, or add nodes or a
   * larger disk.
   */
  SPACE_RESERVED(Level.WARN),
  /** There is room again. Nothing to do. */
  SPACE_FREED(Level.INFO),
  /**
   * The file that keeps room for the store's own records could not be made as large as it should
   * be. Operator: as for {@link #NO_SPACE}.
   */
  BALLAST_SHORT(Level.WARN),
  /**
   * The file system does not let files be written past the page cache (O_DIRECT): what recovery
   * brings goes through it. Nothing to do.
   */
  NO_DIRECT_WRITES(Level.INFO),
  /**
   * A log of dirty marks could not be shortened; the long one serves on. Operator: free space, or
   * look for errors of the disk.
   */
  DIRTY_LOG_KEPT(Level.WARN),
  /**
   * The disk answered with an error. Operator: look at the kernel log, replace the disk, let the
   * cluster recover.
   */
  IO_FAILED(Level.ERROR),
  /**
   * The disk failed and is not used any more: every change is refused, and the node goes on as a
   * gateway if other nodes hold objects. Operator: look at the kernel log, replace the disk, start
   * sheep again with an empty directory on the new one.
   */
  DISK_FAILED(Level.ERROR),
  /**
   * The disk lost data that it had accepted (fsync failed). The object fails every sync from now
   * on, because a second fsync would claim success. Operator: as for {@link #IO_FAILED}; the other
   * replicas have the data.
   */
  SYNC_FAILED(Level.ERROR),
  /**
   * The dirty log cannot be read. All objects count as dirty: they are compared with their
   * replicas. Nothing to do.
   */
  DIRTY_LOG_DAMAGED(Level.WARN),
  /**
   * Far more operations were submitted than the disk works off; the newest were refused. Operator:
   * look for a hung disk.
   */
  QUEUE_FULL(Level.ERROR),
  /** A bug without consequence: a thread of the store was interrupted. Operator: report it. */
  STRIPE_INTERRUPTED(Level.WARN),
  /**
   * A bug: a part of the objects is out of service until the daemon is started again. Operator:
   * report the stack trace, restart.
   */
  STRIPE_BROKEN(Level.ERROR),
  /**
   * Bytes of an object are not those that were written: the disk, or somebody, has changed them.
   * They are shown to nobody and brought again from another node, which {@link #OBJECT_REPAIRED}
   * and a line about the object's copies tell. Operator: nothing if it is one; if it goes on, look
   * at the disk and its controller.
   */
  OBJECT_DAMAGED(Level.WARN),
  /** Damaged bytes of an object were overwritten with good ones. Nothing to do. */
  OBJECT_REPAIRED(Level.WARN),
  /**
   * An object's attributes cannot be read (copied without xattrs?). Operator: remove the file;
   * recovery brings it back.
   */
  ATTRIBUTES_DAMAGED(Level.ERROR);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon.store");

  private final Level level;

  StoreEvent(Level level) {
    this.level = level;
  }

  /** Logs this event; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
  void log(String keyValues, Object... values) {
    LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
  }

  /** Logs this event with a stack trace. */
  void log(Throwable cause, String keyValues, Object value) {
    LOG.atLevel(level).setCause(cause).log("event=" + name() + " " + keyValues, value);
  }
}
