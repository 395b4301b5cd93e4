package io.sheepdog.protocol;

/**
 * Bits of the u16 flags field of a request header (wire protocol, section 4.1).
 *
 * <p>Bit 0x0100 has two meanings: {@link #WILDCARD} for peer reads and {@link #CREAT} for
 * GET_VDI_ATTR.
 */
public final class RequestFlags {
  /** No flag. */
  public static final int NONE = 0;

  /**
   * {@code dataLength} payload bytes follow the header; without it {@code dataLength} is the room
   * for the reply.
   */
  public static final int WRITE = 0x0001;

  /**
   * CREATE_AND_WRITE_OBJ: fill the new object from the copy-on-write source before applying the
   * payload.
   */
  public static final int COW = 0x0002;

  /** The client accepts write-back: the data must be durable only after the next FLUSH_VDI. */
  public static final int CACHE = 0x0004;

  /** The client bypasses caches: same durability as a request without {@link #CACHE}. */
  public static final int DIRECT = 0x0008;

  /** The request carries a payload and expects one back. */
  public static final int PIGGYBACK = 0x0010;

  /** Sent by the iSCSI target: check that the client's copy of the inode is still valid. */
  public static final int TGT = 0x0020;

  /** Historical: run on the queue of forwarded requests. */
  public static final int FWD = 0x0040;

  /** Recovery read: use the target epoch, never wait for recovery. */
  public static final int RECOVERY = 0x0080;

  /** Recovery read that may be served from any stale copy. */
  public static final int WILDCARD = 0x0100;

  /** GET_VDI_ATTR: create or overwrite. */
  public static final int CREAT = 0x0100;

  /** GET_VDI_ATTR: together with {@link #CREAT}, fail if the attribute exists. */
  public static final int EXCL = 0x0200;

  /** GET_VDI_ATTR: delete. */
  public static final int DEL = 0x0400;

  /** Ours: WRITE_OBJ of an inode's header: take a size that is smaller, too. */
  public static final int SHRINK = 0x0800;

  private RequestFlags() {}
}
