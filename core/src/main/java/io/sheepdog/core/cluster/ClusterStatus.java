package io.sheepdog.core.cluster;

import io.sheepdog.protocol.ResultCode;

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
  SHUTDOWN;

  /** How a request that needs a running cluster is answered; SUCCESS while {@link #RUNNING}. */
  public ResultCode code() {
    return switch (this) {
      case WAIT_FORMAT -> ResultCode.WAIT_FOR_FORMAT;
      case WAIT_JOIN, STARTING -> ResultCode.WAIT_FOR_JOIN;
      case RUNNING -> ResultCode.SUCCESS;
      case SHUTDOWN -> ResultCode.SHUTDOWN;
    };
  }
}
