package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.NodeAddress;

/**
 * What placement needs to know of a member.
 *
 * @param address address and port; its 18 wire bytes are the key of the node's ring positions
 * @param vnodes number of virtual nodes, 0..65535; 0 for a gateway, which holds nothing
 * @param zone nodes of one zone never hold two replicas of an object; a u32
 */
public record RingNode(NodeAddress address, int vnodes, int zone) {
  private static final int MAX_VNODES = 65535;

  /** Checks the count. */
  public RingNode {
    if (vnodes < 0 || vnodes > MAX_VNODES) {
      throw new IllegalArgumentException(
          "Number of virtual nodes "
              + vnodes
              + " is out of range; 0 to "
              + MAX_VNODES
              + " are allowed");
    }
  }
}
