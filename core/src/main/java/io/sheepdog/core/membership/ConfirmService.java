package io.sheepdog.core.membership;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.SequenceBody;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells an originator that this node has applied its event in its epoch, epoch log on disk (R4);
 * and whoever wants to serve that epoch, that this node votes for no lease of a former member any
 * more (R5). Who asks too early is answered when it is so, or when the epoch has moved on.
 */
final class ConfirmService {
  /** Questions that may wait at once; more are sent back with AGAIN. */
  static final int MAX_PARKED = 4096;

  private final Supplier<ClusterState> state;
  private final BooleanSupplier isSettled;
  private final Supplier<Epoch> serving;
  private final long incarnation;
  private final List<Question> parked = new ArrayList<>();

  private record Question(Request request, SequenceBody body, CompletableFuture<Reply> answer) {}

  ConfirmService(
      Supplier<ClusterState> state,
      BooleanSupplier isSettled,
      Supplier<Epoch> serving,
      long incarnation) {
    this.state = state;
    this.isSettled = isSettled;
    this.serving = serving;
    this.incarnation = incarnation;
  }

  CompletionStage<Reply> handle(Request request, SequenceBody body) {
    Reply reply = answer(request, body);
    if (reply != null) {
      return CompletableFuture.completedFuture(reply);
    }
    if (parked.size() >= MAX_PARKED) {
      return CompletableFuture.completedFuture(
          Replies.plain(request, state.get().epoch(), ResultCode.AGAIN));
    }
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    parked.add(new Question(request, body, answer));
    return answer;
  }

  /** Something was applied or logged. */
  void advance() {
    if (parked.isEmpty()) {
      return;
    }
    for (Question question : List.copyOf(parked)) {
      Reply reply = answer(question.request(), question.body());
      if (reply != null && parked.remove(question)) {
        question.answer().complete(reply);
      }
    }
  }

  void endAll() {
    List<Question> open = List.copyOf(parked);
    parked.clear();
    for (Question question : open) {
      question
          .answer()
          .complete(
              Replies.plain(question.request(), state.get().epoch(), ResultCode.CLUSTER_ERROR));
    }
  }

  private @Nullable Reply answer(Request request, SequenceBody body) {
    ClusterState now = state.get();
    if (body.incarnation() != 0 && body.incarnation() != incarnation) {
      return Replies.plain(request, now.epoch(), ResultCode.AGAIN);
    }
    int order = request.epoch().compareTo(now.epoch());
    if (order < 0) {
      return Replies.plain(request, now.epoch(), ResultCode.OLD_NODE_VER);
    }
    if (order > 0 || now.sequence() < body.sequence() || !isSettled.getAsBoolean()) {
      return null;
    }
    if (body.offset() == SequenceBody.WHEN_SERVED && !serving.get().equals(now.epoch())) {
      return null;
    }
    PeerReply reply = new PeerReply(incarnation, now.sequence(), 0);
    return new Reply(
        Response.to(request, now.epoch(), ResultCode.SUCCESS, reply), Unpooled.EMPTY_BUFFER);
  }
}
