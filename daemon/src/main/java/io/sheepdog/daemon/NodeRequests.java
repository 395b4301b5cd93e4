package io.sheepdog.daemon;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.SheepNode;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.absence.StatusReply;
import io.sheepdog.daemon.net.RequestHandler;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.NbdService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Hands the requests of a connection to the node, which is a member. */
final class NodeRequests implements RequestHandler {
  private final SheepNode node;
  private final Absence absence;
  private final NbdService nbd;

  /**
   * @param absence knows how the last membership was lost
   * @param nbd where this daemon serves NBD
   */
  NodeRequests(SheepNode node, Absence absence, NbdService nbd) {
    this.node = node;
    this.absence = absence;
    this.nbd = nbd;
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
        Reply own = answerOfProcess(request);
        return own == null
            ? node.handle(session, request, payload)
            : CompletableFuture.completedFuture(own);
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  /** The answer to what only the process knows, null for what the node answers. */
  private @Nullable Reply answerOfProcess(Request request) {
    Epoch epoch = node.agent().state().epoch();
    if (request.operation() == Opcode.NODE_STATUS) {
      return StatusReply.of(request, epoch, node.agent().servingIncarnation(), whyNotServing());
    }
    if (request.operation() != Opcode.NODE_NBD) {
      return null;
    }
    if (request.replyRoom() < NbdService.SIZE) {
      return new Reply(Response.to(request, epoch, ResultCode.BUFFER_SMALL), Unpooled.EMPTY_BUFFER);
    }
    ByteBuf payload = Unpooled.buffer(NbdService.SIZE);
    nbd.encode(payload);
    return new Reply(
        Response.to(request, epoch, ResultCode.SUCCESS).withDataLength(NbdService.SIZE), payload);
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
