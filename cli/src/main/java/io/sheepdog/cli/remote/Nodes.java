package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.List;

/**
 * The nodes of the cluster.
 *
 * @param entries in (address, port) order
 * @param master index of the node that joined first
 */
public record Nodes(List<NodeEntry> entries, int master) {
  /** Asks a daemon. */
  public static Nodes of(Remote remote) throws CommandFailure {
    Nodes nodes =
        remote.fetch(
            Opcode.GET_NODE_LIST,
            RawBody.EMPTY,
            Limits.MAX_NODES * NodeEntry.SIZE,
            reply -> {
              int count = reply.payload().readableBytes() / NodeEntry.SIZE;
              int master = reply.header().body() instanceof NodeReply node ? node.masterIndex() : 0;
              return new Nodes(NodeEntry.decodeList(reply.payload(), count), master);
            });
    if (nodes.entries.isEmpty()) {
      throw new CommandFailure(
          remote.profile().systemExit(),
          "Failed to get node list: there are no active sheep daemons; the daemon has not joined yet, try again");
    }
    return nodes;
  }

  /** Number of failure domains that can hold a copy. */
  public long zones() {
    return entries.stream().filter(e -> e.vnodes() > 0).map(NodeEntry::zone).distinct().count();
  }
}
