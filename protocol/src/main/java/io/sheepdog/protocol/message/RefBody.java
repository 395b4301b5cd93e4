package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of DECREF_OBJ and DECREF_PEER (historical reference counting).
 *
 * <pre>
 *  16 oid u64 | 24 generation u32 | 28 count u32 | 34 ec_index u8 (recorded between nodes)
 * </pre>
 *
 * @param oid ledger object
 * @param generation generation of the dropped reference, u32
 * @param count count of the dropped reference, u32
 * @param ecIndex number of the replica, 0..255; the gateway fills it as for other peer requests
 */
public record RefBody(ObjectId oid, int generation, int count, int ecIndex) implements RequestBody {
  /** Checks the range. */
  public RefBody {
    Ranges.u8("Strip index", ecIndex);
  }
}
