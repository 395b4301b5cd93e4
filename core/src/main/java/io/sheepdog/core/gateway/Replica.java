package io.sheepdog.core.gateway;

import io.sheepdog.protocol.id.NodeAddress;

/**
 * A node that holds a replica of an object.
 *
 * @param address the node
 * @param incarnation its present start; 0 when it is no member although the ring still names it
 */
record Replica(NodeAddress address, long incarnation) {
  boolean isMember() {
    return incarnation != 0;
  }
}
