package io.sheepdog.core.sim.net;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** What a daemon offers to clients; called on its loop. */
public interface ClientServer {
  /** The daemon's process. */
  SimProcess process();

  /** Where its buffers come from. */
  BufferLedger buffers();

  /** Whether it takes connections; a client that is turned away sees a broken one. */
  default boolean accepts() {
    return true;
  }

  /** A client connected. */
  ClientSession open(String host);

  /** A request came in; the payload is not consumed. */
  CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload);
}
