package io.sheepdog.daemon;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.MemberId;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Logs what an operator follows: status, epochs, members, and what the cluster waits for. */
final class StateLog implements StateListener {
  private final ClusterAgent agent;
  private String lastWait = "";

  StateLog(ClusterAgent agent) {
    this.agent = agent;
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (before.status() != after.status()) {
      DaemonEvent.STATUS.log("status={} before={}", after.status(), before.status());
    }
    if (!before.epoch().equals(after.epoch())
        || !before.members().keySet().equals(after.members().keySet())) {
      DaemonEvent.EPOCH.log("epoch={} members={}", after.epoch(), members(after));
    }
    String wait = WaitReport.of(agent);
    if (!wait.isEmpty() && !wait.equals(lastWait)) {
      DaemonEvent.WAITING.log("reason=\"{}\"", wait);
    }
    lastWait = wait;
  }

  private static String members(ClusterState state) {
    return state.members().values().stream()
        .map(Member::node)
        .map(node -> node.address().toString())
        .sorted()
        .collect(Collectors.joining(","));
  }
}
