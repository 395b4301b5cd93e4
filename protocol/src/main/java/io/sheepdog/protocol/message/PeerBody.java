package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of our own requests between daemons, 0xe0..0xf8, except those with a {@link SequenceBody},
 * {@link LeaseBody}, {@link PeerWriteBody}, {@link PeerVersionBody} or {@link PeerCopyBody}.
 *
 * <pre>
 *  16 oid u64 | 24 generation u32 | 28 offset u32 | 32 length u32 | 36 copies u8 | 37 copy_policy u8
 *  38 block_size_shift u8 | 39 - | 40 incarnation u64
 * </pre>
 *
 * <p>PEER_SYNC, PEER_LIST and PEER_DRAIN are about a whole VDI and name it by its inode's id.
 * PEER_DRAIN is answered when the receiver's gateway has ended its writes to that VDI: all of them
 * if the VDI is frozen and the generation 0, else those that it had begun under earlier locks.
 *
 * @param oid the object, or the inode of the VDI
 * @param generation generation of the lock under which a write happens, 0..2^32-1; 0 for none;
 *     receivers refuse older ones
 * @param offset byte offset inside the object, 0..2^32-1
 * @param length bytes meant, 0..2^32-1; for writes equal to the payload, for removal 0
 * @param copies copies of the VDI, 0..255
 * @param copyPolicy erasure policy byte of the VDI, 0..255
 * @param blockSizeShift block size shift of the VDI, 0..255
 * @param incarnation the receiver's incarnation as the sender knows it; 0 for any. A receiver that
 *     has restarted since refuses the request, so unflushed data is never taken for durable
 */
public record PeerBody(
    ObjectId oid,
    long generation,
    long offset,
    long length,
    int copies,
    int copyPolicy,
    int blockSizeShift,
    long incarnation)
    implements RequestBody {
  /** Any incarnation of the receiver will do. */
  public static final long ANY_INCARNATION = 0;

  /** Checks the ranges. */
  public PeerBody {
    Ranges.u32("Lock generation", generation);
    Ranges.u32("Offset", offset);
    Ranges.u32("Length", length);
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Block size shift", blockSizeShift);
  }

  /** A range of an object, without lock generation, for any incarnation. */
  public static PeerBody of(ObjectId oid, long offset, long length) {
    return new PeerBody(oid, 0, offset, length, 0, 0, 0, ANY_INCARNATION);
  }

  /** The same body under that lock generation. */
  public PeerBody withGeneration(long newGeneration) {
    return new PeerBody(
        oid, newGeneration, offset, length, copies, copyPolicy, blockSizeShift, incarnation);
  }

  /** The same body for that incarnation of the receiver. */
  public PeerBody withIncarnation(long newIncarnation) {
    return new PeerBody(
        oid, generation, offset, length, copies, copyPolicy, blockSizeShift, newIncarnation);
  }

  /** The same body with the VDI's redundancy and block size shift. */
  public PeerBody withVdi(int newCopies, int newCopyPolicy, int newBlockSizeShift) {
    return new PeerBody(
        oid, generation, offset, length, newCopies, newCopyPolicy, newBlockSizeShift, incarnation);
  }
}
