package io.sheepdog.protocol.id;

import java.nio.charset.StandardCharsets;

/**
 * Id of a VDI or snapshot: 24 bits, chosen by hashing the name and probing upward (object model,
 * section 2).
 *
 * @param value 0..2^24-1; 0 means "no VDI"
 */
public record VdiId(int value) implements Comparable<VdiId> {
  /** Largest value. */
  public static final int MAX_VALUE = 0xffffff;

  /** No VDI: never given to one. */
  public static final VdiId NONE = new VdiId(0);

  /** Checks the range. */
  public VdiId {
    if (value < 0 || value > MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format("VDI id 0x%x is out of range; 0 to 0x%x are allowed", value, MAX_VALUE));
    }
  }

  /** Whether a u32 from the wire, given as int, is a VDI id or 0. */
  public static boolean isValid(int value) {
    return value >= 0 && value <= MAX_VALUE;
  }

  /**
   * Where probing for a name starts: the low 24 bits of the FNV-1a hash of its UTF-8 bytes, 1
   * instead of 0.
   */
  public static VdiId hashOf(String name) {
    int low = (int) Fnv.hash(name.getBytes(StandardCharsets.UTF_8)) & MAX_VALUE;
    return new VdiId(low == 0 ? 1 : low);
  }

  /** Whether this is {@link #NONE}. */
  public boolean isNone() {
    return value == 0;
  }

  /** The next id in probing order; after the largest comes 1. */
  public VdiId next() {
    return new VdiId(value == MAX_VALUE ? 1 : value + 1);
  }

  @Override
  public int compareTo(VdiId other) {
    return Integer.compare(value, other.value);
  }

  /** Lower-case hex without padding, as the tools print it. */
  @Override
  public String toString() {
    return Integer.toHexString(value);
  }
}
