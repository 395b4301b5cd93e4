package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** The node, as volumes use it: as its client. */
public interface BlockHost {
  /** A connection inside the process begins; whoever opened it closes it. */
  ClientSession openSession(String clientAddress);

  /**
   * Carries out a request.
   *
   * @param payload what would follow the header; not consumed
   * @return the reply, whose payload the caller owns
   */
  CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload);

  /** What the cluster agrees on, as far as this node has applied it. */
  ClusterState state();
}
