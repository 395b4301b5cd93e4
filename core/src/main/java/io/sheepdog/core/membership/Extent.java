package io.sheepdog.core.membership;

/**
 * On how many members an event must be applied, in the epoch that is current then, before its
 * client is answered (R4).
 */
public enum Extent {
  /** A majority of the members. */
  QUORUM,
  /** All members; those that leave meanwhile stop counting. For lock grants and freezes. */
  EVERY_MEMBER
}
