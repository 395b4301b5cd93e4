package io.sheepdog.core.sim.check;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.MemberId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * After the same events all nodes that live have the same state. (A node that dies may have got a
 * last event of its own that nobody else ever gets.)
 */
public final class StateAgreement {
  private final Map<Long, List<Seen>> seen = new HashMap<>();
  private final Violations violations;

  /** Nothing seen yet. */
  public StateAgreement(Violations violations) {
    this.violations = violations;
  }

  private record Seen(SimProcess node, ClusterState state) {}

  /** Listens to one node. */
  public StateListener listener(SimProcess node) {
    return new StateListener() {
      @Override
      public void applied(
          ClusterState before,
          ClusterState after,
          @Nullable MemberId sender,
          @Nullable ClusterEvent event,
          Outcome outcome) {
        violations.trace(
            () ->
                node
                    + " applies "
                    + after.sequence()
                    + ": "
                    + (event == null ? "membership" : event)
                    + " -> "
                    + outcome);
        compare(node, after);
      }
    };
  }

  private void compare(SimProcess node, ClusterState state) {
    List<Seen> all = seen.computeIfAbsent(state.sequence(), sequence -> new ArrayList<>());
    for (Seen other : all) {
      boolean counts = other.node.alive() && !other.node.isExpelled() && !node.isExpelled();
      if (counts && !other.state.equals(state)) {
        violations.report(
            "agreement",
            "state "
                + state.sequence()
                + " of "
                + node
                + " and "
                + other.node
                + " differ:\n"
                + state
                + "\n"
                + other.state);
      }
    }
    all.add(new Seen(node, state));
  }
}
