package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.VdiId;

/**
 * Response to 0x11..0x14, DEL_VDI and GET_VDI_ATTR.
 *
 * <pre>
 *  20 - u32 | 24 vdi_id u32 | 28 attr_id u32 | 32 copies u8 | 33 block_size_shift u8 | 34 - (14 bytes)
 * </pre>
 *
 * @param vdiId the VDI; for GET_VDI_ATTR the hash of its name
 * @param attributeId low half of the attribute's object id, u32
 * @param copies 0..255
 * @param blockSizeShift 0..255
 */
public record VdiReply(VdiId vdiId, int attributeId, int copies, int blockSizeShift)
    implements ResponseBody {
  /** All zero. */
  public static final VdiReply EMPTY = new VdiReply(VdiId.NONE, 0, 0, 0);

  /** Checks the ranges. */
  public VdiReply {
    Ranges.u8("Copies", copies);
    Ranges.u8("Block size shift", blockSizeShift);
  }
}
