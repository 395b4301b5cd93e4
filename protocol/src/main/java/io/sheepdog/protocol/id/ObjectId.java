package io.sheepdog.protocol.id;

/**
 * Id of an object: kind bits, VDI id and index in one u64 (object model, section 1). Any value can
 * be held, because any can arrive; {@link #kind()} tells whether it makes sense.
 *
 * <pre>
 *  63..59 kind | 58..56 zero | 55..32 VDI id | 31..0 index
 * </pre>
 *
 * @param value the u64 as on the wire
 */
public record ObjectId(long value) implements Comparable<ObjectId> {
  /** Largest index. */
  public static final long MAX_INDEX = 0xffffffffL;

  private static final int HEX_DIGITS = 16;
  private static final int VDI_SHIFT = 32;
  private static final long KIND_MASK = 0x1fL << 59;
  private static final long RESERVED_MASK = 0x7L << 56;

  /** The inode of a VDI. */
  public static ObjectId inode(VdiId vid) {
    return of(ObjectKind.INODE, vid, 0);
  }

  /** Data object number {@code index} (0..2^32-1) of a VDI. */
  public static ObjectId data(VdiId vid, long index) {
    return of(ObjectKind.DATA, vid, index);
  }

  /** VM state object number {@code index} (0..2^32-1) of a VDI. */
  public static ObjectId vmstate(VdiId vid, long index) {
    return of(ObjectKind.VMSTATE, vid, index);
  }

  /**
   * A VDI attribute.
   *
   * @param nameHash hash of the VDI's name, never probed: see {@link VdiId#hashOf}
   * @param attributeId 0..2^32-1
   */
  public static ObjectId attribute(VdiId nameHash, long attributeId) {
    return of(ObjectKind.ATTRIBUTE, nameHash, attributeId);
  }

  private static ObjectId of(ObjectKind kind, VdiId vid, long index) {
    if (index < 0 || index > MAX_INDEX) {
      throw new IllegalArgumentException(
          "Object index " + index + " is out of range; 0 to " + MAX_INDEX + " are allowed");
    }
    return new ObjectId(kind.bit() | ((long) vid.value() << VDI_SHIFT) | index);
  }

  /**
   * Reads the form that {@link #toString} writes; upper-case digits are accepted.
   *
   * @throws IllegalArgumentException unless the text is exactly 16 hex digits
   */
  public static ObjectId parse(String text) {
    boolean wellFormed =
        text.length() == HEX_DIGITS
            && text.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0);
    if (!wellFormed) {
      throw new IllegalArgumentException("'" + text + "' is not an object id; write 16 hex digits");
    }
    return new ObjectId(Long.parseUnsignedLong(text, 16));
  }

  /** What the object is; {@link ObjectKind#INVALID} if no object can have this id. */
  public ObjectKind kind() {
    if ((value & RESERVED_MASK) != 0) {
      return ObjectKind.INVALID;
    }
    long bits = value & KIND_MASK;
    if (bits == 0) {
      return ObjectKind.DATA;
    }
    if (bits == ObjectKind.INODE.bit()) {
      return index() == 0 ? ObjectKind.INODE : ObjectKind.INVALID;
    }
    if (bits == ObjectKind.VMSTATE.bit()) {
      return ObjectKind.VMSTATE;
    }
    if (bits == ObjectKind.ATTRIBUTE.bit()) {
      return ObjectKind.ATTRIBUTE;
    }
    if (bits == ObjectKind.BTREE.bit()) {
      return ObjectKind.BTREE;
    }
    return bits == ObjectKind.LEDGER.bit() ? ObjectKind.LEDGER : ObjectKind.INVALID;
  }

  /** The VDI that the object belongs to (for attributes: the hash of the VDI's name). */
  public VdiId vid() {
    return new VdiId((int) (value >>> VDI_SHIFT) & VdiId.MAX_VALUE);
  }

  /** The low 32 bits: object number, attribute id or node number, 0..2^32-1. */
  public long index() {
    return value & MAX_INDEX;
  }

  /** Unsigned order. */
  @Override
  public int compareTo(ObjectId other) {
    return Long.compareUnsigned(value, other.value);
  }

  /** 16 lower-case hex digits: also the file name of the object in a store. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HEX_DIGITS);
    for (int shift = Long.SIZE - 4; shift >= 0; shift -= 4) {
      text.append(Character.forDigit((int) (value >>> shift) & 0xf, 16));
    }
    return text.toString();
  }
}
