package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of PEER_PIECE and PEER_PATCH, which are carried out only on a copy that nothing has changed
 * since it was summed up.
 *
 * <pre>
 *  16 oid u64 | 24 version u64 | 32 offset u32 | 36 length u32 | 40 incarnation u64
 * </pre>
 *
 * @param oid the object
 * @param version of the receiver's copy, as PEER_DIGEST or PEER_PATCH gave it; not 0
 * @param offset byte offset inside the object, 0..2^32-1
 * @param length bytes to read, or of the payload, 0..2^32-1
 * @param incarnation of the receiver that gave the version: versions of another start of the daemon
 *     mean nothing
 */
public record PeerVersionBody(
    ObjectId oid, long version, long offset, long length, long incarnation) implements RequestBody {
  /** Checks the ranges. */
  public PeerVersionBody {
    Ranges.u32("Offset", offset);
    Ranges.u32("Length", length);
  }
}
