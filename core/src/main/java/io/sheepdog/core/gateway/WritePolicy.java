package io.sheepdog.core.gateway;

/**
 * The decisions that acknowledged data hangs on, each in one place, so that the simulator can plant
 * a mistake in each and show that it would be found. There is one right answer to each: {@link
 * #SAFE}.
 */
public class WritePolicy {
  /** The rules as they are. */
  public static final WritePolicy SAFE = new WritePolicy();

  /**
   * P1, P2: whether a write that {@code succeeded} replicas have carried out so far, and none
   * refused, is answered.
   *
   * @param succeeded replicas that answered SUCCESS, at least 1
   * @param targets replicas that the object has in this epoch
   */
  protected boolean acknowledges(int succeeded, int targets) {
    return succeeded == targets;
  }

  /**
   * R7: whether a write of index entries waits for creations of the objects that these entries are
   * about.
   */
  protected boolean indexWaitsForObjects() {
    return true;
  }

  /**
   * P3: whether an object that each replica made from its own copy of another one counts only if
   * these copies were the same.
   */
  protected boolean comparesWhatWasCopied() {
    return true;
  }

  /** P3: whether a read waits for writes of the same bytes that are under way at this gateway. */
  protected boolean readsWaitForWrites() {
    return true;
  }

  /** R11: whether a write to a vid that is being snapshotted waits for the end of the freeze. */
  protected boolean respectsFreeze() {
    return true;
  }

  /**
   * R12: whether whoever is granted a lock waits for the writes under way of those who held it
   * before.
   */
  protected boolean waitsForEarlierWrites() {
    return true;
  }

  /**
   * R7, R8: whether a sweep leaves alone what the holder of a lock may have created, in a vid that
   * was deleted meanwhile, and will index yet.
   */
  public boolean sparesObjectsToBeIndexed() {
    return true;
  }
}
