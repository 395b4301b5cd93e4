package io.sheepdog.core.lease;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.HashMap;
import java.util.Map;

/**
 * This node's votes for the leases of others. A member of the same epoch gets one for the asking;
 * what was promised is remembered, because a later epoch without that member has to wait for it.
 */
final class LeaseVotes {
  private final LeaseCluster cluster;
  private final Clock clock;
  private final long incarnation;
  private final LeasePolicy policy;

  /** When the last lease that this node voted for ends, as far as it can tell. */
  private final Map<MemberId, Long> until = new HashMap<>();

  LeaseVotes(LeaseCluster cluster, Clock clock, long incarnation, LeasePolicy policy) {
    this.cluster = cluster;
    this.clock = clock;
    this.incarnation = incarnation;
    this.policy = policy;
  }

  /**
   * Answers PEER_LEASE: SUCCESS is a vote, from which the asker may count {@link Leases#HELD} since
   * it asked; EIO says that this node's disk hangs.
   */
  Reply handle(Request request, LeaseBody body) {
    ClusterState state = cluster.state();
    ResultCode code = vote(state, request, body);
    PeerReply reply = new PeerReply(incarnation, state.sequence(), 0);
    return new Reply(Response.to(request, state.epoch(), code, reply), Unpooled.EMPTY_BUFFER);
  }

  private ResultCode vote(ClusterState state, Request request, LeaseBody body) {
    if (cluster.diskHangs()) {
      return ResultCode.EIO;
    }
    if (state.status() != ClusterStatus.RUNNING || body.incarnation() != incarnation) {
      return ResultCode.AGAIN;
    }
    int age = request.epoch().compareTo(state.epoch());
    if (age != 0) {
      return age < 0 ? ResultCode.OLD_NODE_VER : ResultCode.AGAIN;
    }
    for (Member member : state.members().values()) {
      if (member.synced() && member.incarnation() == body.asker()) {
        until.put(member.id(), clock.nanoTime() + Leases.TERM.toNanos());
        return ResultCode.SUCCESS;
      }
    }
    return ResultCode.AGAIN;
  }

  /** That member has certainly ended: no lease of it is left. */
  void ended(MemberId id) {
    until.remove(id);
  }

  /** How long leases of nodes that are no members may still run, nanoseconds; 0 for none. */
  long nanosLeft() {
    if (until.isEmpty() || !policy.waitsForOwnVotes()) {
      return 0;
    }
    long now = clock.nanoTime();
    until.values().removeIf(end -> end - now <= 0);
    long left = 0;
    for (Map.Entry<MemberId, Long> vote : until.entrySet()) {
      if (!cluster.state().members().containsKey(vote.getKey())) {
        left = Math.max(left, vote.getValue() - now);
      }
    }
    return left;
  }
}
