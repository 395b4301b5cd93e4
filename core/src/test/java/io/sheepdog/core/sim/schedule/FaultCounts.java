package io.sheepdog.core.sim.schedule;

import java.util.EnumMap;
import java.util.Map;

/** How often each {@link Fault} happened. */
public final class FaultCounts {
  private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);

  /** It happened. */
  public void count(Fault fault) {
    counts.merge(fault, 1, Integer::sum);
  }

  /** Adds those of another run. */
  public void add(FaultCounts other) {
    other.counts.forEach((fault, count) -> counts.merge(fault, count, Integer::sum));
  }

  /** How often. */
  public int of(Fault fault) {
    return counts.getOrDefault(fault, 0);
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
