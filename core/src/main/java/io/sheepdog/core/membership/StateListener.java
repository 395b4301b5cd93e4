package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.spi.MemberId;
import org.jspecify.annotations.Nullable;

/** Follows the state of this node, in order. */
public interface StateListener {
  /**
   * An event was applied; {@link ClusterAgent#state()} is {@code after} already. Not called for
   * events that were applied before this node's state was complete: then the first call has an
   * empty {@code before}.
   *
   * @param before state before
   * @param after state after
   * @param sender who sent the event, null where {@code event} is
   * @param event the event, null for a membership change, for the first call, and for the step to
   *     RUNNING after a restart of the cluster (which brings the whole directory)
   * @param outcome what it decided
   */
  void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome);
}
