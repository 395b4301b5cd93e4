package io.sheepdog.core.lease;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * This node's own lease. It runs for {@link Leases#HELD} from the moment at which a majority of the
 * members of one epoch was asked for the votes that they then gave, this node's own included. Each
 * member's newest vote counts, so a slow or dead one holds up nobody as long as a majority answers.
 *
 * <p>A vote of an earlier epoch does not count towards a new lease; a lease that was complete runs
 * on.
 */
final class GatewayLease {
  /** Questions to one member that may be unanswered at once. */
  private static final int MAX_OPEN = 4;

  private final LeaseCluster cluster;
  private final Platform platform;
  private final long incarnation;
  private final BiConsumer<MemberId, Response> onAnswer;
  private final Runnable onRenewed;

  /** When each member was asked for its newest vote in this epoch. */
  private final Map<MemberId, Long> votes = new HashMap<>();

  private final Map<MemberId, Integer> open = new HashMap<>();
  private Epoch epoch = Epoch.ZERO;
  private List<Member> voters = List.of();
  private long lastAsked;
  private boolean held;
  private long until;

  /**
   * @param onAnswer hears what each member has answered
   * @param onRenewed runs when it runs longer
   */
  GatewayLease(
      LeaseCluster cluster,
      Platform platform,
      long incarnation,
      BiConsumer<MemberId, Response> onAnswer,
      Runnable onRenewed) {
    this.onAnswer = onAnswer;
    this.cluster = cluster;
    this.platform = platform;
    this.incarnation = incarnation;
    this.onRenewed = onRenewed;
  }

  /** Whether it runs now. */
  boolean isValid() {
    return held && platform.clock().nanoTime() - until < 0;
  }

  /** Somebody waits for it: asks again now, unless that was done a moment ago. */
  void hurry() {
    boolean isFirst = epoch.isZero();
    if (isFirst || platform.clock().nanoTime() - lastAsked >= Leases.RETRY.toNanos()) {
      renew();
    }
  }

  /** Asks all members; not while this node's disk hangs, which holds up what it could answer. */
  void renew() {
    ClusterState state = cluster.state();
    if (!cluster.synced() || state.status() != ClusterStatus.RUNNING || cluster.diskHangs()) {
      return;
    }
    if (!state.epoch().equals(epoch)) {
      epoch = state.epoch();
      voters = state.syncedMembers();
      votes.clear();
      open.clear();
    }
    lastAsked = platform.clock().nanoTime();
    for (Member member : voters) {
      if (cluster.isSelf(member.id())) {
        voted(member.id(), lastAsked);
      } else if (open.getOrDefault(member.id(), 0) < MAX_OPEN) {
        ask(member, epoch, lastAsked);
      }
    }
  }

  private void ask(Member member, Epoch askedIn, long asked) {
    open.merge(member.id(), 1, Integer::sum);
    Request request =
        Request.of(Opcode.PEER_LEASE, new LeaseBody(incarnation, member.incarnation()))
            .withEpoch(askedIn);
    platform
        .transport()
        .send(member.node().address(), request, Unpooled.EMPTY_BUFFER)
        .thenAccept(reply -> answered(member.id(), askedIn, asked, reply));
  }

  private void answered(MemberId member, Epoch askedIn, long asked, Reply reply) {
    boolean success = reply.header().isSuccess();
    onAnswer.accept(member, reply.header());
    reply.release();
    if (askedIn.equals(epoch)) {
      open.merge(member, -1, Integer::sum);
      if (success) {
        voted(member, asked);
      }
    }
  }

  private void voted(MemberId member, long asked) {
    votes.merge(member, asked, Math::max);
    int majority = voters.size() / 2 + 1;
    if (votes.size() < majority) {
      return;
    }
    long[] times = votes.values().stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(times);
    long end = times[times.length - majority] + Leases.HELD.toNanos();
    if (!held || end - until > 0) {
      held = true;
      until = end;
      onRenewed.run();
    }
  }
}
