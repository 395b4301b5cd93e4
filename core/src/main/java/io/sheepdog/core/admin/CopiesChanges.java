package io.sheepdog.core.admin;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiStateBody;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * ALTER_VDI_COPY and ALTER_CLUSTER_COPY: answered when this node serves the epoch in which the new
 * number is valid, and the inode says it. Recovery brings the copies afterwards.
 */
final class CopiesChanges {
  private final ClusterAgent agent;
  private final Answers answers;
  private final List<Waiting> underWay = new ArrayList<>();

  private record Waiting(VdiId vid, CompletableFuture<ResultCode> written) {}

  CopiesChanges(ClusterAgent agent, Answers answers) {
    this.agent = agent;
    this.answers = answers;
    agent.addListener((before, after, sender, event, outcome) -> follow(after));
  }

  /** ALTER_VDI_COPY; of what v1.0's tool says of the VDI only the number counts. */
  CompletionStage<Reply> ofVdi(Request request) {
    return request.body() instanceof VdiStateBody body && !body.newVid().isNone()
        ? alter(request, body.newVid(), body.copies(), body.copyPolicy())
        : answers.code(request, ResultCode.INVALID_PARMS);
  }

  /** ALTER_CLUSTER_COPY. */
  CompletionStage<Reply> ofCluster(Request request) {
    return request.body() instanceof ClusterBody body
        ? alter(request, VdiId.NONE, body.copies(), body.copyPolicy())
        : answers.code(request, ResultCode.INVALID_PARMS);
  }

  private CompletionStage<Reply> alter(Request request, VdiId vid, int copies, int policy) {
    if (copies < 1 || copies > Limits.MAX_COPIES || policy != 0) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    return agent
        .propose(new AlterCopies(vid, copies))
        .thenCompose(applied -> whenWritten(vid, applied))
        .thenCompose(code -> answers.code(request, code));
  }

  private CompletionStage<ResultCode> whenWritten(VdiId vid, Applied applied) {
    if (applied.outcome() instanceof Outcome.Refused refused) {
      return CompletableFuture.completedFuture(refused.code());
    }
    Waiting waiting = new Waiting(vid, new CompletableFuture<>());
    agent.whenEpochServed(
        agent.state().epoch(),
        () -> {
          underWay.add(waiting);
          follow(agent.state());
        });
    return waiting.written();
  }

  private void follow(ClusterState state) {
    ClusterConfig config = state.config();
    for (Waiting waiting : List.copyOf(underWay)) {
      if (config == null || !config.history().isUnwritten(waiting.vid())) {
        underWay.remove(waiting);
        waiting.written().complete(ResultCode.SUCCESS);
      }
    }
  }
}
