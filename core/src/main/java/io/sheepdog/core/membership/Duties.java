package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Welcome;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the oldest member does for all: welcomes joiners, and says when an epoch began. Whoever
 * becomes the oldest does it again.
 */
final class Duties {
  private final Platform platform;
  private final Proposals proposals;
  private final Set<MemberId> welcomed = new HashSet<>();

  Duties(Platform platform, Proposals proposals) {
    this.platform = platform;
    this.proposals = proposals;
  }

  void afterStep(
      ClusterState before, ClusterState after, @Nullable ClusterEvent event, boolean isOldest) {
    if (!isOldest) {
      return;
    }
    if (before.members() != after.members() || before.refused() != after.refused()) {
      welcome(after);
    }
    boolean isTimed = event instanceof MemberReady || event instanceof Format;
    if (after.status() == ClusterStatus.RUNNING
        && before.status() != ClusterStatus.WAIT_FORMAT
        && !after.epoch().equals(before.epoch())
        && !before.epoch().isZero()
        && !isTimed) {
      proposals.tell(new EpochTime(after.epoch(), platform.clock().wallTime()));
    }
  }

  private void welcome(ClusterState state) {
    List<NodeAddress> sources =
        state.syncedMembers().stream().map(member -> member.node().address()).toList();
    welcomed.removeIf(id -> !state.members().containsKey(id) && !state.refused().containsKey(id));
    for (Member member : state.members().values()) {
      if (!member.synced() && welcomed.add(member.id())) {
        proposals.tell(new Welcome(member.id(), sources));
      }
    }
    for (MemberId refused : state.refused().keySet()) {
      if (welcomed.add(refused)) {
        proposals.tell(new Welcome(refused, sources));
      }
    }
  }
}
