package io.sheepdog.core.cluster;

import io.sheepdog.protocol.payload.NodeEntry;

/**
 * A node as an epoch log names it.
 *
 * @param node address, zone, weight
 * @param storeId identity of its store: a wiped or foreign store at the same address is another
 *     node (R2)
 */
public record EpochNode(NodeEntry node, long storeId) {
  /** Whether that member is this node with this store. */
  public boolean isSame(Member member) {
    return storeId == member.storeId() && node.address().equals(member.node().address());
  }
}
