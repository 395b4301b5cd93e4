package io.sheepdog.core.spi;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/**
 * Requests to other daemons.
 *
 * <p>The stage always completes normally, on the core loop, exactly once: a connection that cannot
 * be made, breaks, or stays silent beyond the implementation's deadline gives a {@link Reply} with
 * result {@code NETWORK_ERROR} (0x86). Such a request may or may not have been carried out, and it
 * may be carried out later, but never after a request that was sent to the same daemon after the
 * failure: else an old write could replace a newer, acknowledged one. Every peer operation is
 * idempotent and carries the epoch.
 */
public interface Transport {
  /**
   * Sends a request.
   *
   * @param to address of the daemon; never this node's own (local work does not pass through
   *     sockets)
   * @param request header; its {@code id} is replaced by the transport
   * @param payload bytes after the header, {@code Unpooled.EMPTY_BUFFER} for none. Not consumed:
   *     the transport takes its own retained duplicate and the caller keeps its reference, so one
   *     buffer can go to many peers
   * @return the reply; the receiver of the stage owns its payload and releases it
   */
  CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload);

  /**
   * Looks whether a daemon has ended for certain: nobody listens at its address, or who answers
   * there is no member of the cluster, or another incarnation.
   *
   * @return true if it has; false if it has not or does not answer within a second or two, or
   *     cannot be reached. On the core loop
   */
  CompletionStage<Boolean> hasEnded(NodeAddress address, long incarnation);
}
