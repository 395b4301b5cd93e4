package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of PEER_WRITE; how much is written is the length of the payload.
 *
 * <pre>
 *  16 oid u64 | 24 generation u32 | 28 offset u32 | 32 number u32 | 36 settled u32
 *  40 incarnation u64
 * </pre>
 *
 * @param oid the object
 * @param generation generation of the lock under which the write happens, 0..2^32-1; 0 for none;
 *     receivers refuse older ones
 * @param offset byte offset inside the object, 0..2^32-1
 * @param number of this write among those of the sending gateway: 1, 2, ... and again from -2^31
 *     on. A write that is sent again keeps it
 * @param settled all writes of that gateway up to this number have ended on all their replicas
 * @param incarnation the receiver's incarnation as the sender knows it, 0 for any; see {@link
 *     PeerBody}
 */
public record PeerWriteBody(
    ObjectId oid, long generation, long offset, int number, int settled, long incarnation)
    implements RequestBody {
  /** Checks the ranges. */
  public PeerWriteBody {
    Ranges.u32("Lock generation", generation);
    Ranges.u32("Offset", offset);
  }
}
