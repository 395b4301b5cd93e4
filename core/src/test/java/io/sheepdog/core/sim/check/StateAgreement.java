package io.sheepdog.core.sim.check;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.MemberId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** After the same events all nodes have the same state. */
public final class StateAgreement {
  private final Map<Long, ClusterState> first = new HashMap<>();
  private final Violations violations;

  /** Nothing seen yet. */
  public StateAgreement(Violations violations) {
    this.violations = violations;
  }

  /** Listens to one node. */
  public StateListener listener(String node) {
    return new StateListener() {
      @Override
      public void applied(
          ClusterState before,
          ClusterState after,
          @Nullable MemberId sender,
          @Nullable ClusterEvent event,
          Outcome outcome) {
        violations.trace(() -> 
            node + " applies " + after.sequence() + ": " + (event == null ? "membership" : event) + " -> " + outcome);
        compare(node, after);
      }
    };
  }

  private void compare(String node, ClusterState state) {
    ClusterState other = first.putIfAbsent(state.sequence(), state);
    if (other != null && !other.equals(state)) {
      violations.report(
          "agreement", "state " + state.sequence() + " of " + node + " differs:\n" + state + "\nfirst seen:\n" + other);
    }
  }
}
