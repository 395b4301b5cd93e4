package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of requests about one object: 0x01..0x05, FLUSH_VDI, 0xa1..0xa6, COMPLETE_RECOVERY,
 * GET_HASH, EXIST.
 *
 * <pre>
 *  16 oid u64 | 24 cow_oid u64 | 32 copies u8 | 33 copy_policy u8 | 34 ec_index u8 | 35 -
 *  36 tgt_epoch u32 | 40 offset u32 | 44 zero (QEMU declares the offset as u64)
 * </pre>
 *
 * @param oid the object
 * @param cowOid source of the copy when flag COW is set
 * @param copies wanted copies, 0..255; 0 for what the VDI says
 * @param copyPolicy erasure policy byte, 0..255; 0 for what the VDI says (QEMU always sends 0)
 * @param ecIndex strip number, 0..255, between nodes only
 * @param targetEpoch epoch that recovery, GET_EPOCH, GET_HASH and COMPLETE_RECOVERY are about
 * @param offset byte offset inside the object, 0..2^32-1
 */
public record ObjectBody(
    ObjectId oid,
    ObjectId cowOid,
    int copies,
    int copyPolicy,
    int ecIndex,
    Epoch targetEpoch,
    long offset)
    implements RequestBody {
  /** No copy-on-write source. */
  public static final ObjectId NO_COW = new ObjectId(0);

  /** Checks the ranges. */
  public ObjectBody {
    Ranges.u8("Copies", copies);
    Ranges.u8("Copy policy", copyPolicy);
    Ranges.u8("Strip index", ecIndex);
    Ranges.u32("Offset", offset);
  }

  /** An object and an offset in it; everything else is left to the VDI. */
  public static ObjectBody of(ObjectId oid, long offset) {
    return of(oid, offset, 0);
  }

  /** An object, an offset in it and the wanted copies. */
  public static ObjectBody of(ObjectId oid, long offset, int copies) {
    return new ObjectBody(oid, NO_COW, copies, 0, 0, Epoch.ZERO, offset);
  }

  /** The same body with a copy-on-write source; the request needs flag COW as well. */
  public ObjectBody withCowOid(ObjectId source) {
    return new ObjectBody(oid, source, copies, copyPolicy, ecIndex, targetEpoch, offset);
  }

  /** The same body with a target epoch. */
  public ObjectBody withTargetEpoch(Epoch newTargetEpoch) {
    return new ObjectBody(oid, cowOid, copies, copyPolicy, ecIndex, newTargetEpoch, offset);
  }
}
