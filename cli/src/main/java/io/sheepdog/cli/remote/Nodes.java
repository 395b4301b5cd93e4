package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes of the cluster.
 *
 * @param entries in the order that node numbers count, see {@link #of}
 * @param master the node that joined first
 */
public record Nodes(List<NodeEntry> entries, NodeAddress master) {
  /**
   * Asks a daemon. In 2010 nodes are in the order of their ids then, in version 1.0 in that of
   * address and port.
   */
  public static Nodes of(Remote remote) throws CommandFailure {
    Nodes nodes = ofAny(remote);
    if (nodes.entries.isEmpty()) {
      String reason = remote.whyNotServing();
      throw new CommandFailure(
          remote.profile().systemExit(),
          reason.isEmpty()
              ? "Failed to get node list: the daemon has not joined the cluster yet; try again in a moment"
              : reason);
    }
    return nodes;
  }

  /** The same, without nodes while the daemon has not joined yet. */
  static Nodes ofAny(Remote remote) throws CommandFailure {
    return remote.fetch(
        Opcode.GET_NODE_LIST,
        RawBody.EMPTY,
        Limits.MAX_NODES * NodeEntry.SIZE,
        reply -> {
          int count = reply.payload().readableBytes() / NodeEntry.SIZE;
          List<NodeEntry> entries = NodeEntry.decodeList(reply.payload(), count);
          int master = reply.header().body() instanceof NodeReply node ? node.masterIndex() : 0;
          boolean known = master >= 0 && master < count;
          NodeAddress first = known ? entries.get(master).address() : NodeAddress.NONE;
          return new Nodes(ordered(entries, remote.profile()), first);
        });
  }

  private static List<NodeEntry> ordered(List<NodeEntry> entries, Profile profile) {
    if (profile == Profile.DOG) {
      return entries;
    }
    List<NodeEntry> byId = new ArrayList<>(entries);
    byId.sort(Comparator.comparing(entry -> entry.address().node2010Id(), Long::compareUnsigned));
    return byId;
  }

  /** Number of failure domains that can hold a copy. */
  public int zones() {
    Set<Integer> zones = new HashSet<>();
    for (NodeEntry entry : entries) {
      if (entry.vnodes() > 0) {
        zones.add(entry.zone());
      }
    }
    return zones.size();
  }
}
