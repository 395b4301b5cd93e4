package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.List;

/**
 * One line of the cluster's history: who held data from this epoch on.
 *
 * @param epoch number, from 1
 * @param time when it began (wall clock of the node whose event began it)
 * @param nodes the nodes in (address, port) order, with the number of vnodes that counts in this
 *     epoch
 */
public record EpochRecord(Epoch epoch, SheepTime time, List<EpochNode> nodes) {
  public EpochRecord {
    nodes = List.copyOf(nodes);
  }
}
