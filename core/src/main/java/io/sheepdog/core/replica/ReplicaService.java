package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** Applies what gateways ask for to this node's store. */
public final class ReplicaService {
  /** Creates the service of a node. */
  public ReplicaService(
      ClusterAgent agent, ObjectStore store, Transport transport, WritesInFlight inFlight) {
    throw new UnsupportedOperationException();
  }

  /**
   * Serves PEER_READ, PEER_WRITE, PEER_CREATE, PEER_REMOVE, PEER_SYNC, PEER_LIST, PEER_DRAIN,
   * PEER_FETCH, the historical 0xa3..0xa6, and EXIST. May complete much later: a request of an
   * epoch that this node does not serve yet waits for it.
   */
  public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
    throw new UnsupportedOperationException();
  }
}
