package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.EpochLogEntry;
import java.util.List;
import java.util.Objects;

/**
 * Status and epochs of the cluster.
 *
 * @param response result: SUCCESS while running, else why not
 * @param epochs newest first; the first one also tells the configuration. Empty before format
 */
public record ClusterView(Response response, List<EpochLogEntry> epochs) {
  private static final int MAX_ROOM = 48 << 20;

  /** Asks a daemon for all epochs; grows the room until they fit. */
  public static ClusterView of(Remote remote) throws CommandFailure {
    int slots = Math.max(Nodes.of(remote).entries().size(), 1);
    Response probe = remote.ask(Opcode.STAT_CLUSTER, ClusterBody.status(0));
    int epochs = Math.max(probe.epoch().value(), 1);
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
                      reply.header(), EpochLogEntry.decodeList(reply.payload(), nodeSlots)));
      boolean tooSmall = view.response.result() == ResultCode.BUFFER_SMALL.code();
      if (!tooSmall || slots >= Limits.MAX_NODES) {
        return view;
      }
      slots *= 2;
    }
  }

  /** The newest epoch; call only when {@link #epochs} is not empty. */
  public EpochLogEntry newest() {
    return Objects.requireNonNull(epochs.get(0));
  }
}
