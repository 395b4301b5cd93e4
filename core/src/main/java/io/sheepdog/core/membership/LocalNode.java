package io.sheepdog.core.membership;

import io.sheepdog.protocol.payload.NodeEntry;

/**
 * What this daemon tells the others of itself.
 *
 * @param entry address, zone, weight ({@code space} 0 = gateway only); the number of vnodes is 0
 *     unless it is fixed: then the cluster works it out
 * @param incarnation random number of this start; never 0
 */
public record LocalNode(NodeEntry entry, long incarnation) {
  /** Checks the incarnation. */
  public LocalNode {
    if (incarnation == 0) {
      throw new IllegalArgumentException("The incarnation of a daemon must not be 0");
    }
  }
}
