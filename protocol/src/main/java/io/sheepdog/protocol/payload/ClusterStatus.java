package io.sheepdog.protocol.payload;

import io.sheepdog.protocol.ProtocolException;

/** Status byte of the cluster info. */
public enum ClusterStatus {
  /** Running. */
  OK(1),
  /** Waiting for a format or for former members. */
  WAIT(2),
  /** Shutting down. */
  SHUTDOWN(3),
  /** The node was killed. */
  KILLED(4);

  private final int code;

  ClusterStatus(int code) {
    this.code = code;
  }

  /** Value of the byte, 1..4. */
  public int code() {
    return code;
  }

  /**
   * The status with that code.
   *
   * @throws ProtocolException if there is none
   */
  public static ClusterStatus fromCode(int code) {
    for (ClusterStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    throw new ProtocolException("Cluster status " + code + " is unknown; 1 to 4 are allowed");
  }
}
