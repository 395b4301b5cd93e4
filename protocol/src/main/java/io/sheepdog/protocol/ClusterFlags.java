package io.sheepdog.protocol;

/**
 * Bits of the u16 cluster flags, set when the cluster is formatted (wire protocol, section 4.2).
 */
public final class ClusterFlags {
  /** No flag. */
  public static final int NONE = 0;

  /** Refuse writes while there are fewer zones than copies ({@code cluster format -t}). */
  public static final int STRICT = 0x0001;

  /** Virtual nodes belong to disks instead of nodes. */
  public static final int DISKMODE = 0x0002;

  /** The number of virtual nodes of each node follows from its disk space; the default. */
  public static final int AUTO_VNODES = 0x0004;

  /** Enforce VDI locks ({@code cluster format -l}). */
  public static final int USE_LOCK = 0x0008;

  /** Reuse the lowest free VDI id ({@code cluster format -R}). */
  public static final int RECYCLE_VID = 0x0010;

  /** Skip recovery that would fill a disk ({@code cluster format -F}). */
  public static final int AVOID_DISKFULL = 0x0020;

  private ClusterFlags() {}
}
