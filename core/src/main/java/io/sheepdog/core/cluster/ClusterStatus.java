package io.sheepdog.core.cluster;

/** Where a cluster is in its life (spec/wire-protocol.md section 7). */
public enum ClusterStatus {
  /** Never formatted: only administration is served (0x16). */
  WAIT_FORMAT,
  /** Formatted; members of the newest epoch are still missing (0x17, R1). */
  WAIT_JOIN,
  /**
   * All needed members are here and exchange what they know of VDIs; then {@link #RUNNING}. Answers
   * as {@link #WAIT_JOIN}.
   */
  STARTING,
  /** Serving. */
  RUNNING,
  /** {@code cluster shutdown} was ordered (0x11). */
  SHUTDOWN
}
