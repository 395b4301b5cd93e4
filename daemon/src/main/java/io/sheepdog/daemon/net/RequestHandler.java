package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/** Who answers requests. Called on the event loop. */
public interface RequestHandler {
  /**
   * A connection was accepted.
   *
   * @param clientAddress numeric address without port; IPv4 in dotted form also when it came over
   *     IPv6
   */
  Session open(String clientAddress);

  /** One connection. */
  interface Session {
    /** The other end is a daemon, in that incarnation; comes before its requests. */
    void greeted(long incarnation);

    /**
     * Carries out a request; several may be under way.
     *
     * @param payload what followed the header; not consumed
     * @return the reply, whose payload belongs to the server
     */
    CompletionStage<Reply> handle(Request request, ByteBuf payload);

    /**
     * The connection is gone, or its other side has ended it and waits for replies at most; no
     * request follows. What is under way runs to its end.
     */
    void close();
  }
}
