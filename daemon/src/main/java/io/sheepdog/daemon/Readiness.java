package io.sheepdog.daemon;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.MemberId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Notices when the node has joined and answers requests. A cluster that waits, for a format or for
 * members, answers too; one that starts or changes its epoch does so in a moment.
 */
final class Readiness implements StateListener {
  private final ClusterAgent agent;
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  Readiness(ClusterAgent agent) {
    this.agent = agent;
  }

  /** Completes with what the cluster waits for, empty for nothing. */
  CompletableFuture<String> ready() {
    return ready;
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (ready.isDone() || !agent.synced() || after.status() == ClusterStatus.STARTING) {
      return;
    }
    if (after.status() == ClusterStatus.RUNNING) {
      agent.whenEpochServed(after.epoch(), () -> ready.complete(""));
    } else if (after.status() != ClusterStatus.WAIT_JOIN || !agent.missingNodes().isEmpty()) {
      ready.complete(WaitReport.of(agent));
    }
  }
}
