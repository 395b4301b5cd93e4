package io.sheepdog.core.spi;

/** How a store operation ended. */
public enum StoreStatus {
  /** Done; with the durability that was asked for. */
  OK,
  /** No current copy of the object in this store. */
  NO_OBJECT,
  /**
   * The file system has no room. An object that was to be created or replaced is as before; of a
   * write, part of the range may have been overwritten already (the object is marked dirty, R10).
   */
  NO_SPACE,
  /**
   * The disk failed; the state of the object's range is unknown. Also what is answered to every
   * change once {@link ObjectStore#failure()} says that it has.
   */
  IO_ERROR,
  /**
   * Bytes of the range are not those that were written: their checksum does not match. They are not
   * to be shown to anybody; other ranges of the object are good, and the disk is in use.
   */
  DAMAGED,
  /** Far more was submitted than the disk works off. Nothing was done. */
  BUSY,
  /** The object is not as it was when it was summed up. Nothing was done. */
  CHANGED,
  /** Offset or length lie outside the object. Nothing was changed. */
  OUT_OF_RANGE
}
