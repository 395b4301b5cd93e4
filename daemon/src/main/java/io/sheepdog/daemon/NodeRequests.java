package io.sheepdog.daemon;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.SheepNode;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.absence.StatusReply;
import io.sheepdog.daemon.net.RequestHandler;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Hands the requests of a connection to the node, which is a member. */
final class NodeRequests implements RequestHandler {
  private final SheepNode node;
  private final Absence absence;

  /**
   * @param absence knows how the last membership was lost
   */
  NodeRequests(SheepNode node, Absence absence) {
    this.node = node;
    this.absence = absence;
  }

  @Override
  public Session open(String clientAddress) {
    ClientSession session = node.openSession(clientAddress);
    return new Session() {
      @Override
      public void greeted(long incarnation) {
        session.greetedBy(incarnation);
      }

      @Override
      public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
        return request.operation() == Opcode.NODE_STATUS
            ? CompletableFuture.completedFuture(
                StatusReply.of(
                    request,
                    node.agent().state().epoch(),
                    node.agent().servingIncarnation(),
                    whyNotServing()))
            : node.handle(session, request, payload);
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  /**
   * Only what the result codes and the epochs do not say: that the other nodes are not late, but
   * were lost.
   */
  private String whyNotServing() {
    ClusterAgent agent = node.agent();
    if (!agent.synced()) {
      return absence.sentence();
    }
    if (agent.state().status() != ClusterStatus.WAIT_JOIN || absence.loss().isEmpty()) {
      return "";
    }
    return "This node serves nothing: it is "
        + WaitReport.of(agent)
        + ". Before that it stopped: "
        + absence.loss()
        + ".";
  }
}
