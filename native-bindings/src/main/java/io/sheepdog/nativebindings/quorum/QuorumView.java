package io.sheepdog.nativebindings.quorum;

import io.sheepdog.nativebindings.RingId;
import java.util.List;

/**
 * What votequorum says of one ring.
 *
 * @param ring which, the same name as libcpg's
 * @param quorate whether its nodes have the votes to go on
 * @param nodes its nodes
 */
public record QuorumView(RingId ring, boolean quorate, List<Integer> nodes) {
  public QuorumView {
    nodes = List.copyOf(nodes);
  }
}
