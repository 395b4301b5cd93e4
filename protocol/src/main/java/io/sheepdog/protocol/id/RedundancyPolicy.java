package io.sheepdog.protocol.id;

/**
 * How a VDI's objects are kept: N replicas, or d data and p parity strips (erasure coding).
 *
 * <p>On the wire and in the inode these are two bytes. For replicas {@code copyPolicy} is 0. For
 * d:p, {@code copies} is d+p and {@code copyPolicy} is {@code (d/2) << 4 | p}.
 *
 * @param copies replicas or strips, 1..31
 * @param copyPolicy 0 or the erasure policy byte
 */
public record RedundancyPolicy(int copies, int copyPolicy) {
  /** Most replicas or strips. */
  public static final int MAX_COPIES = 31;

  /** Most parity strips. */
  public static final int MAX_PARITY = 15;

  /** Checks that the two bytes fit each other. */
  public RedundancyPolicy {
    if (copies < 1 || copies > MAX_COPIES) {
      throw new IllegalArgumentException(
          "Number of copies " + copies + " is out of range; 1 to " + MAX_COPIES + " are allowed");
    }
    if (copyPolicy != 0) {
      int data = (copyPolicy >> 4) * 2;
      int parity = copyPolicy & 0xf;
      boolean allowed = (data == 2 || data == 4 || data == 8 || data == 16) && parity > 0;
      if (copyPolicy > 0xff || copyPolicy < 0 || !allowed || data + parity != copies) {
        throw new IllegalArgumentException(
            String.format(
                "Copy policy 0x%02x with %d copies is not an erasure code; allowed are 2, 4, 8 or 16 data strips"
                    + " and 1 to %d parity strips, and copies must be their sum",
                copyPolicy, copies, MAX_PARITY));
      }
    }
  }

  /** That many full replicas, 1..31. */
  public static RedundancyPolicy replicas(int copies) {
    return new RedundancyPolicy(copies, 0);
  }

  /** Erasure coding with 2, 4, 8 or 16 data strips and 1..15 parity strips. */
  public static RedundancyPolicy erasure(int data, int parity) {
    boolean allowed =
        (data == 2 || data == 4 || data == 8 || data == 16) && parity >= 1 && parity <= MAX_PARITY;
    if (!allowed) {
      throw new IllegalArgumentException(
          "Erasure code "
              + data
              + ":"
              + parity
              + " is not allowed; use 2, 4, 8 or 16 data strips and 1 to "
              + MAX_PARITY
              + " parity strips");
    }
    return new RedundancyPolicy(data + parity, (data / 2) << 4 | parity);
  }

  /**
   * Reads {@code N} or {@code d:p}.
   *
   * @throws IllegalArgumentException with a sentence for the user if it is neither
   */
  public static RedundancyPolicy parse(String text) {
    int colon = text.indexOf(':');
    try {
      return colon < 0
          ? replicas(Integer.parseInt(text))
          : erasure(
              Integer.parseInt(text.substring(0, colon)),
              Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a redundancy; write a number of copies such as 3, or data:parity such as 4:2",
          e);
    }
  }

  /** Whether objects are erasure coded. */
  public boolean isErasureCoded() {
    return copyPolicy != 0;
  }

  /** Strips or replicas that are enough to read an object: d, or 1 for replicas. */
  public int dataStrips() {
    return isErasureCoded() ? (copyPolicy >> 4) * 2 : 1;
  }

  /** Strips or replicas that may be lost: p, or copies - 1 for replicas. */
  public int parityStrips() {
    return copies - dataStrips();
  }

  /** {@code 3} or {@code 4:2}, the form that {@link #parse} reads. */
  @Override
  public String toString() {
    return isErasureCoded() ? dataStrips() + ":" + parityStrips() : Integer.toString(copies);
  }
}
