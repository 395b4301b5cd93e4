package io.sheepdog.protocol.id;

/** What an object is, told by the five top bits of its id (object model, section 1). */
public enum ObjectKind {
  /** A block of a VDI; no kind bit set. */
  DATA(0),
  /** Header and index table of a VDI; bit 63. */
  INODE(1L << 63),
  /** A block of saved VM state; bit 62. */
  VMSTATE(1L << 62),
  /** A VDI attribute; bit 61. */
  ATTRIBUTE(1L << 61),
  /** A B-tree node of a hyper volume; bit 60. */
  BTREE(1L << 60),
  /** Historical reference counts of one data object; bit 59. */
  LEDGER(1L << 59),
  /**
   * Several kind bits, a reserved bit (58 to 56), or an inode with an index: no object has such an
   * id.
   */
  INVALID(0);

  private final long bit;

  ObjectKind(long bit) {
    this.bit = bit;
  }

  /** The kind bit in its place; 0 for data and invalid. */
  long bit() {
    return bit;
  }
}
