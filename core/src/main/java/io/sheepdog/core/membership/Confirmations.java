package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.ResultCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The events of this node that wait until enough members have applied them. */
final class Confirmations {
  private final ClusterAgent agent;
  private final Platform platform;
  private final List<Confirmation> open = new ArrayList<>();

  Confirmations(ClusterAgent agent, Platform platform) {
    this.agent = agent;
    this.platform = platform;
  }

  /** Completes when enough have; refusals are not confirmed. */
  CompletionStage<Applied> confirm(Applied applied, Extent extent) {
    if (applied.outcome() instanceof Outcome.Refused) {
      return CompletableFuture.completedFuture(applied);
    }
    if (agent.hasEnded()) {
      return Proposals.refused(ResultCode.CLUSTER_ERROR);
    }
    Confirmation confirmation = new Confirmation(agent, platform, applied, extent);
    open.add(confirmation);
    confirmation.result().whenComplete((done, failure) -> open.remove(confirmation));
    confirmation.check();
    return confirmation.result();
  }

  /** Something was applied or logged. */
  void check() {
    List.copyOf(open).forEach(Confirmation::check);
  }

  /** The membership has ended. */
  void end() {
    List.copyOf(open).forEach(Confirmation::end);
  }
}
