package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.Envelope;
import io.sheepdog.core.cluster.EventCodec;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the driver delivers and understands it. What nobody understands is counted by all and
 * changes nothing.
 */
final class Deliveries implements ClusterDriver.Listener {
  private final ClusterAgent agent;
  private final NodeCallbacks callbacks;
  private boolean isMember;

  Deliveries(ClusterAgent agent, NodeCallbacks callbacks) {
    this.agent = agent;
    this.callbacks = callbacks;
  }

  @Override
  public void membership(
      List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left) {
    if (isMember) {
      agent.membership(left);
    } else {
      isMember = true;
      agent.firstMembership(members, joined);
    }
  }

  @Override
  public void delivered(MemberId sender, byte[] message) {
    agent.message(sender, decode(sender, message));
  }

  private @Nullable Envelope decode(MemberId sender, byte[] message) {
    try {
      return EventCodec.decode(message);
    } catch (ProtocolException e) {
      callbacks.onWarning("A message of member " + sender + " was ignored: " + e.getMessage());
      return null;
    }
  }

  @Override
  public void failed(String reason) {
    agent.driverFailed(reason);
  }
}
