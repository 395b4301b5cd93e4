package io.sheepdog.core.cluster;

import io.sheepdog.protocol.payload.SheepTime;

/**
 * What {@code cluster format} decided.
 *
 * @param ctime creation time of the cluster: its identity
 * @param copies default number of replicas (1..31)
 * @param copyPolicy default erasure policy byte, 0 = replication
 * @param blockSizeShift default object size as a power of two (20..31)
 * @param flags cluster flags (spec/wire-protocol.md section 4.2)
 */
public record ClusterConfig(
    SheepTime ctime, int copies, int copyPolicy, int blockSizeShift, int flags) {
  public ClusterConfig {
    if (copies < 1 || copies > 31 || blockSizeShift < 20 || blockSizeShift > 31) {
      throw new IllegalArgumentException(
          "cluster configuration out of range: copies=" + copies + " shift=" + blockSizeShift);
    }
  }
}
