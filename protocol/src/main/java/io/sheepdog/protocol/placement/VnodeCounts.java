package io.sheepdog.protocol.placement;

/** Number of virtual nodes by disk space (cluster flag AUTO_VNODES; placement, section 2.1). */
public final class VnodeCounts {
  /** Virtual nodes of a node with average space. */
  public static final int DEFAULT = 128;

  private static final int MAX = 65535;

  private VnodeCounts() {}

  /**
   * Counts for all members at once. The arithmetic is single precision with rounding half to even,
   * because every node and the {@code dog} tool must come to the same counts.
   *
   * @param spaces bytes of each member's store, at least 0; 0 for a gateway
   * @return the count of each member, 0..65535; all 0 if no member has space
   */
  public static int[] automatic(long[] spaces) {
    int[] counts = new int[spaces.length];
    long sum = 0;
    int holders = 0;
    for (long space : spaces) {
      if (space < 0) {
        throw new IllegalArgumentException("Store space " + space + " is negative");
      }
      if (space != 0) {
        sum = Math.addExact(sum, space);
        holders++;
      }
    }
    if (holders == 0) {
      return counts;
    }
    // Whole bytes: the fraction is dropped on purpose.
    long average = sum / holders;
    for (int i = 0; i < spaces.length; i++) {
      float factor = (float) spaces[i] / (float) average;
      counts[i] = (int) Math.min(MAX, Math.rint(DEFAULT * factor));
    }
    return counts;
  }
}
