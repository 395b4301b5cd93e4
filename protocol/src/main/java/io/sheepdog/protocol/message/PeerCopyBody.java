package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;

/**
 * Body of PEER_COPY; the payload replaces what is copied from {@code offset} on.
 *
 * <pre>
 *  16 oid u64 | 24 generation u32 | 28 offset u32 | 32 source_vid u32 | 36 copies u8
 *  37 copy_policy u8 | 38 block_size_shift u8 | 39 sums u8 | 40 incarnation u64
 * </pre>
 *
 * @param oid the data object to create
 * @param generation generation of the lock under which that happens, 0..2^32-1; 0 for none;
 *     receivers refuse older ones
 * @param offset byte offset inside the object, 0..2^32-1
 * @param source the snapshot whose object of the same index is copied
 * @param copies copies of the VDI, 0..255
 * @param copyPolicy erasure policy byte of the VDI, 0..255
 * @param blockSizeShift block size shift of the VDI, 0..255
 * @param sums whether the answer is to say what was copied, because others make the same object
 *     from theirs
 * @param incarnation the receiver's incarnation as the sender knows it, 0 for any; see {@link
 *     PeerBody}
 */
public record PeerCopyBody(
    ObjectId oid,
    long generation,
    long offset,
    VdiId source,
    int copies,
    int copyPolicy,
    int blockSizeShift,
    boolean sums,
    long incarnation)
    implements RequestBody {
  /** Checks the ranges. */
  public PeerCopyBody {
    Ranges.u32("Lock generation", generation);
    Ranges.u32("Offset", offset);
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Block size shift", blockSizeShift);
  }

  /** The object that is copied. */
  public ObjectId sourceOid() {
    return ObjectId.data(source, oid.index());
  }
}
