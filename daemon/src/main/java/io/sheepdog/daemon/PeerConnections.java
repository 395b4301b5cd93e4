package io.sheepdog.daemon;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.daemon.net.PeerTransport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Drops the connections to members that are gone, so that what waits for them goes on at once. */
final class PeerConnections implements StateListener {
  private final PeerTransport transport;

  PeerConnections(PeerTransport transport) {
    this.transport = transport;
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (!before.members().keySet().equals(after.members().keySet())) {
      transport.retainOnly(
          after.members().values().stream()
              .map(member -> member.node().address())
              .collect(Collectors.toSet()));
    }
  }
}
