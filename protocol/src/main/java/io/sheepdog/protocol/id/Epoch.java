package io.sheepdog.protocol.id;

/**
 * Number of a membership configuration; it grows by one with every change of membership.
 *
 * @param value the u32 as on the wire, to be read as unsigned
 */
public record Epoch(int value) implements Comparable<Epoch> {
  /** Before the first configuration. */
  public static final Epoch ZERO = new Epoch(0);

  /**
   * The following epoch.
   *
   * @throws ArithmeticException after 2^32-1
   */
  public Epoch next() {
    if (value == -1) {
      throw new ArithmeticException("There is no epoch after 4294967295");
    }
    return new Epoch(value + 1);
  }

  /** Whether this is {@link #ZERO}. */
  public boolean isZero() {
    return value == 0;
  }

  /** Whether this configuration came after the other. */
  public boolean isNewerThan(Epoch other) {
    return compareTo(other) > 0;
  }

  /** Unsigned order. */
  @Override
  public int compareTo(Epoch other) {
    return Integer.compareUnsigned(value, other.value);
  }

  /** Unsigned decimal. */
  @Override
  public String toString() {
    return Integer.toUnsignedString(value);
  }
}
