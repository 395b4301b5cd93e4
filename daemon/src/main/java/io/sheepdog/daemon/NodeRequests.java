package io.sheepdog.daemon;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.SheepNode;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.daemon.net.RequestHandler;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** Hands the requests of a connection to the node. */
final class NodeRequests implements RequestHandler {
  private final SheepNode node;

  NodeRequests(SheepNode node) {
    this.node = node;
  }

  @Override
  public Session open(String clientAddress) {
    ClientSession session = node.openSession(clientAddress);
    return new Session() {
      @Override
      public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
        return node.handle(session, request, payload);
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }
}
