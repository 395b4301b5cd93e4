package io.sheepdog.protocol.inode;

/**
 * Where things are in the inode object of v1.0 (object model, section 3); QEMU sees the same up to
 * {@link #QEMU_SIZE}.
 *
 * <pre>
 *        0  header, {@link InodeHeader}
 *     4664  index table: 1048576 x u32, the VDI id that owns data object number i, 0 for a hole
 *  4198968  historical reference table: 1048576 x {generation i32, count i32}
 * 12587576  end
 * </pre>
 */
public final class InodeLayout {
  /** Bytes of the header; QEMU reads and writes it as one piece. */
  public static final int HEADER_SIZE = 4664;

  /** Where the index table begins. */
  public static final int INDEX_OFFSET = HEADER_SIZE;

  /** Bytes of an index entry. */
  public static final int INDEX_ENTRY_SIZE = 4;

  /** Entries of the index table: the most data objects of a VDI. */
  public static final int INDEX_ENTRIES = 1 << 20;

  /** Bytes of the index table. */
  public static final int INDEX_SIZE = INDEX_ENTRIES * INDEX_ENTRY_SIZE;

  /** Where the index table ends: the size of the inode as QEMU reads it. */
  public static final int QEMU_SIZE = INDEX_OFFSET + INDEX_SIZE;

  /** Where the reference table begins. */
  public static final int REFERENCE_OFFSET = QEMU_SIZE;

  /** Bytes of an entry of the reference table. */
  public static final int REFERENCE_ENTRY_SIZE = 8;

  /** Size of the whole inode object. */
  public static final int FULL_SIZE = 12587576;

  static final int NAME = 0;

  /** Where the snapshot tag is: {@code Limits.TAG_SIZE} bytes. */
  public static final int TAG = 256;

  /** Where the numbers of the header begin, with the time of its creation: u64. */
  public static final int CREATE_TIME = 512;

  /** Where the time of a snapshot stands (8 bytes, zero for a working VDI). */
  public static final int SNAPSHOT_TIME = 520;

  /** Where the VM clock is: u64, nanoseconds. */
  public static final int VM_CLOCK = 528;

  /** Where the size of the VDI is: u64, bytes. */
  public static final int VDI_SIZE = 536;

  /** Where the size of the VM state is: u64, bytes. */
  public static final int VM_STATE_SIZE = 544;

  static final int COPY_POLICY = 552;
  static final int STORE_POLICY = 553;

  /** Where the number of copies is: u8. */
  public static final int COPIES = 554;

  static final int BLOCK_SIZE_SHIFT = 555;
  static final int SNAPSHOT_ID = 556;
  static final int VDI_ID = 560;
  static final int PARENT_VDI_ID = 564;
  static final int BTREE_COUNTER = 568;

  /** Where the fields of the header end; zeros follow. */
  public static final int FIELDS_END = 572;

  private InodeLayout() {}

  /**
   * Offset of the index entry of a data object.
   *
   * @param index 0..{@link #INDEX_ENTRIES}-1
   */
  public static int indexEntryOffset(int index) {
    checkIndex(index);
    return INDEX_OFFSET + index * INDEX_ENTRY_SIZE;
  }

  /**
   * Offset of the reference entry of a data object.
   *
   * @param index 0..{@link #INDEX_ENTRIES}-1
   */
  public static int referenceEntryOffset(int index) {
    checkIndex(index);
    return REFERENCE_OFFSET + index * REFERENCE_ENTRY_SIZE;
  }

  /** Whether the range of bytes lies wholly inside the index table. */
  public static boolean isInIndex(long offset, long length) {
    return offset >= INDEX_OFFSET
        && length >= 0
        && offset <= QEMU_SIZE
        && length <= QEMU_SIZE - offset;
  }

  private static void checkIndex(int index) {
    if (index < 0 || index >= INDEX_ENTRIES) {
      throw new IllegalArgumentException(
          "Data object index "
              + index
              + " is out of range; 0 to "
              + (INDEX_ENTRIES - 1)
              + " are allowed");
    }
  }
}
