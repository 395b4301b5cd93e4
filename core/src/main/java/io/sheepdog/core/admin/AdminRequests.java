package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.NodeControl;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** Answers requests about the node and the cluster. */
public final class AdminRequests {
  /** Creates the service of a node. */
  public AdminRequests(ClusterAgent agent, Platform platform, NodeControl control) {
    throw new UnsupportedOperationException();
  }

  /** Carries out a request. */
  public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
    throw new UnsupportedOperationException();
  }
}
