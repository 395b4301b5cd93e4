package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.VdiId;

/**
 * Body of NOTIFY_VDI_ADD and ALTER_VDI_COPY.
 *
 * <pre>
 *  16 old_vid u32 | 20 new_vid u32 | 24 copies u8 | 25 set_bitmap u8 | 26 copy_policy u8 | 27 block_size_shift u8
 * </pre>
 *
 * @param oldVid the VDI that becomes a snapshot, or none
 * @param newVid the VDI that the request is about
 * @param copies 0..255
 * @param setBitmap whether the in-use bit is to be set
 * @param copyPolicy erasure policy byte, 0..255
 * @param blockSizeShift 0..255
 */
public record VdiStateBody(
    VdiId oldVid, VdiId newVid, int copies, boolean setBitmap, int copyPolicy, int blockSizeShift)
    implements RequestBody {
  /** Checks the ranges. */
  public VdiStateBody {
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Block size shift", blockSizeShift);
  }
}
