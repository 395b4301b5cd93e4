package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Status and epochs of the cluster.
 *
 * @param response result: SUCCESS while running, else why not
 * @param epochs newest first; the first one also tells the configuration. Empty before format
 * @param nodes those that are there; none if the daemon is not a member
 * @param reason why the daemon serves nothing, for the user, where the result does not say it all
 */
public record ClusterView(
    Response response, List<EpochLogEntry> epochs, Nodes nodes, String reason) {
  private static final int MAX_ROOM = 48 << 20;

  /** Asks a daemon for all epochs; grows the room until they fit. */
  public static ClusterView of(Remote remote) throws CommandFailure {
    Nodes nodes = Nodes.ofAny(remote);
    int slots = Math.max(nodes.entries().size(), 1);
    int epochs = Math.max(status(remote).epoch().value(), 1);
    while (true) {
      long room = Math.min((long) EpochLogEntry.size(slots) * epochs, MAX_ROOM);
      int nodeSlots = slots;
      ClusterView view =
          remote.fetch(
              Opcode.STAT_CLUSTER,
              ClusterBody.status(nodeSlots),
              (int) room,
              reply ->
                  new ClusterView(
                      reply.header(),
                      EpochLogEntry.decodeList(reply.payload(), nodeSlots),
                      nodes,
                      ""));
      // an older epoch may have had more nodes than there are now
      if (!view.response.is(ResultCode.BUFFER_SMALL) || slots >= Limits.MAX_NODES) {
        return view.response.is(ResultCode.WAIT_FOR_JOIN)
            ? new ClusterView(view.response, view.epochs, nodes, remote.whyNotServing())
            : view;
      }
      slots = Math.min(slots * 2, Limits.MAX_NODES);
    }
  }

  /** Only what the cluster does: SUCCESS while it runs, else why not. */
  public static Response status(Remote remote) throws CommandFailure {
    return remote.ask(Opcode.STAT_CLUSTER, ClusterBody.status(0));
  }

  /** Whether the daemon is no member and says why. */
  public boolean isAbsent() {
    return nodes.entries().isEmpty() && !reason.isEmpty();
  }

  /** Whether an epoch exists, which means that the cluster was formatted. */
  public boolean isFormatted() {
    return !epochs.isEmpty();
  }

  /** The newest epoch; call only when the cluster {@link #isFormatted}. */
  public EpochLogEntry newest() {
    return Objects.requireNonNull(epochs.get(0));
  }

  /** Whom the cluster waits for: all nodes of its newest epoch are needed. */
  public List<NodeAddress> missing() {
    List<NodeAddress> missing = new ArrayList<>();
    if (response.is(ResultCode.WAIT_FOR_JOIN) && isFormatted()) {
      newest().nodes().forEach(node -> missing.add(node.address()));
      for (NodeEntry present : nodes.entries()) {
        missing.remove(present.address());
      }
    }
    return missing;
  }
}
