package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Response;
import java.util.HashMap;
import java.util.Map;

/**
 * Complains about members that do not answer although their processes live, or that say that their
 * disks hang. What is counted are questions without an answer, not time, so that a node that stood
 * still itself does not complain about all others.
 */
final class SilenceWatch {
  /** Questions that a member may leave without an answer. */
  static final int MOST_UNANSWERED = (int) Leases.SILENCE.dividedBy(Leases.RENEWAL);

  private final LeaseCluster cluster;
  private final LeasePolicy policy;

  /** Questions in a row that each member has not answered, or not yet. */
  private final Map<MemberId, Integer> unanswered = new HashMap<>();

  SilenceWatch(LeaseCluster cluster, LeasePolicy policy) {
    this.cluster = cluster;
    this.policy = policy;
  }

  /** That member has answered, or ({@code NETWORK_ERROR}) it is certain that it will not. */
  void answered(MemberId member, Response header) {
    if (header.is(ResultCode.EIO)) {
      unanswered.merge(member, MOST_UNANSWERED, Math::max);
    } else if (!header.is(ResultCode.NETWORK_ERROR)) {
      unanswered.put(member, 0);
    }
  }

  /**
   * All members are about to be asked. A node whose own disk hangs judges nobody: when all of them
   * hang at once, because they are on one shelf, nobody has to go.
   */
  void asking() {
    if (cluster.diskHangs()) {
      return;
    }
    ClusterState state = cluster.state();
    unanswered.keySet().retainAll(state.members().keySet());
    for (Member member : state.syncedMembers()) {
      if (!cluster.isSelf(member.id())) {
        look(member, unanswered.merge(member.id(), 1, Integer::sum) - 1);
      }
    }
  }

  private void look(Member member, int before) {
    boolean complained = member.accusers().stream().anyMatch(cluster::isSelf);
    if (policy.complains(member, before) && !complained) {
      if (before == MOST_UNANSWERED) {
        cluster.warn(
            "the node "
                + member.node().address()
                + " has not answered, or its disk has not, for "
                + Leases.SILENCE.toSeconds()
                + " s; once most members say so the others go on without it");
      }
      cluster.complain(member.id(), true);
    } else if (before == 0 && complained) {
      cluster.complain(member.id(), false);
    }
  }
}
