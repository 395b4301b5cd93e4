package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of MAKE_FS, STAT_CLUSTER and ALTER_CLUSTER_COPY.
 *
 * <pre>
 *  16 oid u64 (unused) | 24 ctime u64 | 32 copies u8 | 33 copy_policy u8 | 34 flags u16 | 36 tag u32 (unused)
 *  40 nodes_nr u32 | 44 block_size_shift u8 | 45 - (3 bytes)
 * </pre>
 *
 * @param oid unused by every known operation
 * @param creationTime wire form of {@link io.sheepdog.protocol.payload.SheepTime}
 * @param copies 0..255
 * @param copyPolicy erasure policy byte, 0..255
 * @param flags u16 of {@link io.sheepdog.protocol.ClusterFlags}
 * @param tag unused by every known operation, u32
 * @param nodeSlots STAT_CLUSTER: node slots of each log entry in the reply, 0..2^32-1
 * @param blockSizeShift 0..255; 0 for the default
 */
public record ClusterBody(
    ObjectId oid,
    long creationTime,
    int copies,
    int copyPolicy,
    int flags,
    int tag,
    long nodeSlots,
    int blockSizeShift)
    implements RequestBody {
  private static final ObjectId NO_OBJECT = new ObjectId(0);

  /** Checks the ranges. */
  public ClusterBody {
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u16("Cluster flags", flags);
    Ranges.u32("Node slots", nodeSlots);
    Ranges.u8("Block size shift", blockSizeShift);
  }

  /** Body of MAKE_FS. */
  public static ClusterBody format(
      long creationTime, int copies, int copyPolicy, int flags, int blockSizeShift) {
    return new ClusterBody(
        NO_OBJECT, creationTime, copies, copyPolicy, flags, 0, 0, blockSizeShift);
  }

  /** Body of STAT_CLUSTER. */
  public static ClusterBody status(long nodeSlots) {
    return new ClusterBody(NO_OBJECT, 0, 0, 0, 0, 0, nodeSlots, 0);
  }

  /** Body of ALTER_CLUSTER_COPY. */
  public static ClusterBody copies(int copies) {
    return new ClusterBody(NO_OBJECT, 0, copies, 0, 0, 0, 0, 0);
  }
}
