package io.sheepdog.nativebindings;

/**
 * Name of one configuration of the totem ring; libcpg and libquorum call the same ring the same.
 *
 * @param nodeId its representative, as an unsigned number
 * @param sequence grows with each new ring
 */
public record RingId(int nodeId, long sequence) {
  /** As corosync's own tools print it, for instance {@code 1.9}. */
  @Override
  public String toString() {
    return Integer.toHexString(nodeId) + "." + Long.toHexString(sequence);
  }
}
