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
  private final Runnable onMember;
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private boolean member;

  /**
   * Creates a listener that has noticed nothing yet.
   *
   * @param onMember runs once the node is a member. The others ask it for what it knows before the
   *     cluster can start, so it has to accept connections from then on
   */
  Readiness(ClusterAgent agent, Runnable onMember) {
    this.agent = agent;
    this.onMember = onMember;
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
    if (ready.isDone() || !agent.synced()) {
      return;
    }
    if (!member) {
      member = true;
      onMember.run();
    }
    if (after.status() == ClusterStatus.STARTING) {
      return;
    }
    if (after.status() == ClusterStatus.RUNNING) {
      agent.whenEpochServed(after.epoch(), () -> ready.complete(""));
    } else if (after.status() != ClusterStatus.WAIT_JOIN || !agent.missingNodes().isEmpty()) {
      ready.complete(WaitReport.of(agent));
    }
  }
}
