package io.sheepdog.nativebindings.cpg;

/**
 * Why a process came or went: {@code cpg_reason_t} in corosync/cpg.h; the order is the numbers'.
 */
public enum CpgReason {
  UNDEFINED,
  /** It called cpg_join. */
  JOIN,
  /** It called cpg_leave. */
  LEAVE,
  /** Its node left the ring: it may still be running. */
  NODEDOWN,
  /** It was in the group on a node, or in a ring, that has just joined this one. */
  NODEUP,
  /** It ended, or closed its connection, without cpg_leave. */
  PROCDOWN;

  /** The reason with a number of the header; {@link #UNDEFINED} for one that it does not know. */
  public static CpgReason of(int number) {
    return number > 0 && number < values().length ? values()[number] : UNDEFINED;
  }
}
