package io.sheepdog.core.spi;

/**
 * A process as the cluster driver names it (corosync: node id in the upper and process id in the
 * lower half). Two processes that are members at the same time never share one.
 *
 * @param value opaque
 */
public record MemberId(long value) implements Comparable<MemberId> {
  @Override
  public int compareTo(MemberId other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toHexString(value);
  }
}
