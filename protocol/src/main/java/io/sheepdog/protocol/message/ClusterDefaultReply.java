package io.sheepdog.protocol.message;

/**
 * Response to GET_CLUSTER_DEFAULT; all zero before the cluster is formatted.
 *
 * <pre>
 *  20 nr_copies u8 | 21 copy_policy u8 | 22 block_size_shift u8 | 23 - (25 bytes)
 * </pre>
 *
 * @param copies 0..255
 * @param copyPolicy erasure policy byte, 0..255
 * @param blockSizeShift 0..255
 */
public record ClusterDefaultReply(int copies, int copyPolicy, int blockSizeShift)
    implements ResponseBody {
  /** Checks the ranges. */
  public ClusterDefaultReply {
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Block size shift", blockSizeShift);
  }
}
