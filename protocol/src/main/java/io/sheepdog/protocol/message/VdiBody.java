package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.VdiId;

/**
 * Body of requests about a VDI by name: 0x11..0x14, DEL_VDI, GET_VDI_ATTR.
 *
 * <pre>
 *  16 vdi_size u64 | 24 base_vdi_id u32 | 28 copies u8 | 29 copy_policy u8 | 30 store_policy u8
 *  31 block_size_shift u8 | 32 snapid u32 | 36 type u32 | 40 - (8 bytes)
 * </pre>
 *
 * @param size bytes, u64
 * @param baseVdiId NEW_VDI: the base; RELEASE_VDI: the VDI to unlock
 * @param copies 0..255; 0 for the cluster default
 * @param copyPolicy erasure policy byte, 0..255; 0 for replicas
 * @param storePolicy 0 flat index table, 1 hyper volume; 0..255
 * @param blockSizeShift 0..255; 0 for the cluster default
 * @param snapshotId u32; NEW_VDI: not 0 to make a snapshot; look-ups: snapshot id or 0
 * @param type lock type: {@link #LOCK_NORMAL}, {@link #LOCK_SHARED}, {@link #LOCK_HELD} or {@link
 *     #LOCK_ATTACHED}
 */
public record VdiBody(
    long size,
    VdiId baseVdiId,
    int copies,
    int copyPolicy,
    int storePolicy,
    int blockSizeShift,
    int snapshotId,
    int type)
    implements RequestBody {
  /** Exclusive lock. */
  public static final int LOCK_NORMAL = 0;

  /** Lock shared by several initiators of the iSCSI target. */
  public static final int LOCK_SHARED = 1;

  /** Ours: exclusive, without a client behind it; ends by release ({@code collie vdi lock}). */
  public static final int LOCK_HELD = 2;

  /** Ours: exclusive, for exactly the connection that asks; ends with it. */
  public static final int LOCK_ATTACHED = 3;

  /** Checks the ranges. */
  public VdiBody {
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Store policy", storePolicy);
    Ranges.u8("Block size shift", blockSizeShift);
  }

  /** A look-up by name, or by name and snapshot id if that is not 0. */
  public static VdiBody lookup(int snapshotId) {
    return new VdiBody(0, VdiId.NONE, 0, 0, 0, 0, snapshotId, LOCK_NORMAL);
  }

  /** Release of the lock of a VDI. */
  public static VdiBody release(VdiId vid) {
    return new VdiBody(0, vid, 0, 0, 0, 0, 0, LOCK_NORMAL);
  }
}
