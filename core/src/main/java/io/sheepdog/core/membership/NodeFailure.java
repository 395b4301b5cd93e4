package io.sheepdog.core.membership;

/**
 * Why a node gave up its membership by itself; the daemon ends.
 *
 * @param cause what failed
 * @param message a sentence for the log: what, why, what to do
 */
public record NodeFailure(Cause cause, String message) {
  /** What failed. */
  public enum Cause {
    /** The store could not be read or written where that is not optional. */
    DISK,
    /** The cluster driver lost the group. */
    DRIVER,
    /** Too many members are out of reach (R3). */
    QUORUM,
    /** The others gave it up, because it did not answer. */
    EVICTED,
    /** The state of the cluster could not be received. */
    TRANSFER
  }
}
