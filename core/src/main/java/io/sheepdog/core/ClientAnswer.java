package io.sheepdog.core;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one client's request, between the work and the reply (R5): it goes out only while
 * this node's lease runs and it knows of no epoch newer than the one it serves; else it waits.
 *
 * <p>What a request read in an earlier epoch, or before it had to wait, may be the past: it is
 * carried out again. What it changed stays changed, so such a reply only waits. When the membership
 * ends first, the reply is lost with the connection, and an error stands in for it.
 */
final class ClientAnswer extends CompletableFuture<Reply>
    implements BiConsumer<@Nullable Reply, @Nullable Throwable> {
  private final ClusterAgent agent;
  private final Request request;
  private final ByteBuf payload;
  private final Supplier<CompletionStage<Reply>> work;
  private final Function<ResultCode, Reply> refusal;
  private Epoch begunIn = Epoch.ZERO;
  private @Nullable Reply waiting;

  private ClientAnswer(
      ClusterAgent agent,
      Request request,
      ByteBuf payload,
      Supplier<CompletionStage<Reply>> work,
      Function<ResultCode, Reply> refusal) {
    this.agent = agent;
    this.request = request;
    this.payload = payload;
    this.work = work;
    this.refusal = refusal;
  }

  /**
   * Carries a request out.
   *
   * @param payload the request's; kept for as long as {@code work} may be needed again
   * @param work carries it out once
   * @param refusal makes the reply when this node is no member any more
   */
  static CompletionStage<Reply> to(
      ClusterAgent agent,
      Request request,
      ByteBuf payload,
      Supplier<CompletionStage<Reply>> work,
      Function<ResultCode, Reply> refusal) {
    ClientAnswer answer = new ClientAnswer(agent, request, payload.retain(), work, refusal);
    answer.begin();
    return answer;
  }

  private void begin() {
    begunIn = agent.servingEpoch();
    work.get().whenComplete(this);
  }

  @Override
  public void accept(@Nullable Reply reply, @Nullable Throwable failure) {
    if (failure != null) {
      payload.release();
      completeExceptionally(failure);
    } else if (reply != null && agent.replies().isOpen() && !isPast()) {
      finish(reply);
    } else {
      waiting = reply;
      agent.replies().whenOpen(this::resume);
    }
  }

  /** Whether the reply may show a state of an epoch that is over. */
  private boolean isPast() {
    return isRead() && !begunIn.equals(agent.servingEpoch());
  }

  private boolean isRead() {
    Opcode opcode = request.operation();
    return opcode == Opcode.READ_OBJ || opcode == Opcode.GET_VDI_INFO || opcode == Opcode.VDI_USAGE;
  }

  private void resume() {
    Reply reply = waiting;
    waiting = null;
    if (reply == null) {
      throw new IllegalStateException("nothing waits: " + request);
    }
    if (!agent.synced()) {
      reply.release();
      finish(refusal.apply(ResultCode.EIO));
    } else if (isRead()) {
      reply.release();
      begin();
    } else {
      accept(reply, null);
    }
  }

  private void finish(Reply reply) {
    payload.release();
    complete(reply);
  }
}
