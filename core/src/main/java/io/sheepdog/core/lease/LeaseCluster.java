package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.Epoch;

/** What leases need to know of this node's membership. */
public interface LeaseCluster {
  /** State after the last applied event. */
  ClusterState state();

  /** Whether this node has the state, counts as a member, and has not given that up. */
  boolean synced();

  /** Whether that member is this node. */
  boolean isSelf(MemberId id);

  /** The epoch in which this node serves; ZERO before. */
  Epoch servingEpoch();

  /**
   * Whether this node has the state's epoch on disk and votes for no lease of a former member that
   * may still be running.
   */
  boolean isSettled();

  /** Whether this node's disk has not answered for {@link Leases#SILENCE}. */
  boolean diskHangs();

  /** Tells all that a member does not answer, or answers again, in an ordered event. */
  void complain(MemberId member, boolean silent);

  /** Tells the operator something; the node goes on. */
  void warn(String message);
}
