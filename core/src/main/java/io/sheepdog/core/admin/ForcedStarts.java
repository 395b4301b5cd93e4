package io.sheepdog.core.admin;

import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * FORCE_RECOVER: a cluster that waits for former members goes on without them. Answered when this
 * node serves again, or when it is certain that the attempt failed.
 */
final class ForcedStarts {
  private final ClusterAgent agent;
  private final Answers answers;
  private final List<CompletableFuture<ResultCode>> underWay = new ArrayList<>();

  ForcedStarts(ClusterAgent agent, Answers answers) {
    this.agent = agent;
    this.answers = answers;
    agent.addListener((before, after, sender, event, outcome) -> follow(after));
  }

  /**
   * Carries out the request.
   *
   * @param request its epoch, unless 0, is the newest one that the operator knew when he decided;
   *     the reply has the nodes of that epoch
   */
  CompletionStage<Reply> handle(Request request) {
    ClusterState state = agent.state();
    EpochRecord newest = state.newestEpoch();
    if (state.status() != ClusterStatus.WAIT_JOIN || newest == null) {
      return answers.code(request, ResultCode.FORCE_RECOVER);
    }
    List<NodeEntry> nodes = newest.nodes().stream().map(EpochNode::node).toList();
    int size = nodes.size() * NodeEntry.SIZE;
    if (request.replyRoom() < size) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    if (!request.epoch().isZero() && !request.epoch().equals(newest.epoch())) {
      return answers.code(request, ResultCode.INVALID_EPOCH);
    }
    List<Long> missing = state.missingNodes().stream().map(EpochNode::storeId).toList();
    return agent
        .propose(new ForceStart(newest.epoch(), missing, agent.self().incarnation()))
        .thenCompose(this::whenServed)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? answers.payload(
                        request,
                        code,
                        NoBody.INSTANCE,
                        size,
                        out -> nodes.forEach(node -> node.encode(out)))
                    : answers.code(request, code));
  }

  private CompletionStage<ResultCode> whenServed(Applied applied) {
    if (applied.outcome() instanceof Outcome.Refused refused) {
      return CompletableFuture.completedFuture(refused.code());
    }
    CompletableFuture<ResultCode> served = new CompletableFuture<>();
    underWay.add(served);
    follow(agent.state());
    return served;
  }

  private void follow(ClusterState state) {
    if (underWay.isEmpty() || state.status() == ClusterStatus.STARTING) {
      return;
    }
    List<CompletableFuture<ResultCode>> decided = List.copyOf(underWay);
    underWay.clear();
    if (state.status() == ClusterStatus.RUNNING) {
      agent.whenEpochServed(
          state.epoch(), () -> decided.forEach(served -> served.complete(ResultCode.SUCCESS)));
    } else {
      // somebody left meanwhile who was not given up
      decided.forEach(served -> served.complete(ResultCode.AGAIN));
    }
  }
}
