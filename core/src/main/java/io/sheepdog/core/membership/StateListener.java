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
   * @param sender who sent the event, null for a membership change and for the first call
   * @param event the event, null for a membership change and for the first call
   * @param outcome what it decided
   */
  void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome);
}
