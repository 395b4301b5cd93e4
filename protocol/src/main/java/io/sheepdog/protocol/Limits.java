package io.sheepdog.protocol;

/** Sizes and counts that bound every message; checked before anything is allocated. */
public final class Limits {
  /** Bytes of a request or response header. */
  public static final int HEADER_SIZE = 48;

  /** Bytes at the end of a request header whose layout depends on the opcode. */
  public static final int REQUEST_BODY_SIZE = 32;

  /** Bytes at the end of a response header whose layout depends on the opcode. */
  public static final int RESPONSE_BODY_SIZE = 28;

  /**
   * Largest payload of one message in bytes, in either direction: 64 MiB.
   *
   * <p>The wire field is a u32 without a limit of its own. What real peers need: QEMU sends at most
   * one object piece, and its block layer splits guest I/O at a few MiB; {@code dog} reads whole
   * inodes ({@value io.sheepdog.protocol.inode.InodeLayout#FULL_SIZE} bytes) and default 4 MiB
   * objects. Objects may be as large as 2 GiB (block size shift 31), so whoever copies whole
   * objects has to split them into pieces of at most this size.
   */
  public static final int MAX_PAYLOAD = 64 << 20;

  /** Bytes of a VDI name field, the terminating NUL included. */
  public static final int NAME_SIZE = 256;

  /** Bytes of a snapshot tag field, the terminating NUL included. */
  public static final int TAG_SIZE = 256;

  /** Bytes of an attribute key field, the terminating NUL included. */
  public static final int ATTRIBUTE_KEY_SIZE = 256;

  /** Largest value of a VDI attribute in bytes. */
  public static final int ATTRIBUTE_VALUE_SIZE = 65536;

  /** Most members that a node list can hold. */
  public static final int MAX_NODES = 6144;

  /** Most copies of an object (data plus parity strips for erasure coding). */
  public static final int MAX_COPIES = 31;

  /** Number of VDI ids, 0 (never used) included. */
  public static final int VDI_ID_COUNT = 1 << 24;

  /** Bytes of a bitmap with one bit per VDI id. */
  public static final int VDI_BITMAP_SIZE = VDI_ID_COUNT / 8;

  /** Most virtual nodes of one node (u16 on the wire). */
  public static final int MAX_VNODES = 65535;

  /** TCP port that sheep listens on unless told otherwise. */
  public static final int DEFAULT_PORT = 7000;

  private Limits() {}
}
