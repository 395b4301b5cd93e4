package io.sheepdog.protocol;

/** Where and in which order an operation runs (wire protocol, section 6). */
public enum OperationClass {
  /**
   * Totally ordered over the whole cluster; every member applies it at the same place of its
   * history.
   */
  CLUSTER,
  /** Runs on the node that received it and nowhere else. */
  LOCAL,
  /** The receiving node acts as gateway and distributes it to the owners of the object. */
  GATEWAY,
  /** Acts on the local store of the receiving node only; the sender's epoch is compared. */
  PEER
}
