package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Looks whether a daemon has ended of which the cluster driver says that it died.
 *
 * <p>Corosync says so, too, of the daemons of a corosync that was stopped in order: such a daemon
 * may be paused, not know of it, and hold a lease. One that has died is found out in a round trip,
 * because its host refuses connections; one that lives says that it is no member any more.
 */
final class DeathWitness {
  private final Platform platform;
  private final BooleanSupplier isWaiting;
  private final Consumer<MemberId> onEnded;

  /**
   * @param isWaiting whether anybody still wants to know
   * @param onEnded hears who has ended
   */
  DeathWitness(Platform platform, BooleanSupplier isWaiting, Consumer<MemberId> onEnded) {
    this.platform = platform;
    this.isWaiting = isWaiting;
    this.onEnded = onEnded;
  }

  /** Looks until it is certain or nobody waits for it. */
  void look(Member member) {
    platform
        .transport()
        .hasEnded(member.node().address(), member.incarnation())
        .whenComplete((ended, failure) -> found(member, failure == null && ended));
  }

  private void found(Member member, boolean ended) {
    if (ended) {
      onEnded.accept(member.id());
    } else if (isWaiting.getAsBoolean()) {
      platform.scheduler().schedule(Leases.RETRY, () -> look(member));
    }
  }
}
