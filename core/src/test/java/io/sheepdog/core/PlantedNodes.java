package io.sheepdog.core;

import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.lease.LeasePolicy;
import io.sheepdog.core.membership.LocalNode;
import io.sheepdog.core.membership.NodeCallbacks;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.spi.Platform;

/** Makes nodes with a planted mistake, which nobody outside the tests can. */
public final class PlantedNodes {
  private static final long INDEX_BYTES = 16 << 20;

  private PlantedNodes() {}

  /** A node that decides by these policies. */
  public static SheepNode node(
      LocalNode local,
      Platform platform,
      NodeCallbacks callbacks,
      NodeControl control,
      WritePolicy policy,
      LeasePolicy leases,
      RecoveryPolicy recovery) {
    return new SheepNode(
        local, platform, callbacks, control, INDEX_BYTES, policy, leases, recovery);
  }
}
