package io.sheepdog.core.membership;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Waits until enough members have applied an event in the current epoch (R4). When the epoch
 * changes, the members of the new one are asked again; who leaves stops counting.
 */
final class Confirmation {
  private static final Duration RETRY = Duration.ofMillis(50);

  private final ClusterAgent agent;
  private final Platform platform;
  private final Applied applied;
  private final Extent extent;
  private final CompletableFuture<Applied> result = new CompletableFuture<>();
  private final Set<MemberId> asked = new HashSet<>();
  private final Set<MemberId> confirmed = new HashSet<>();
  private Epoch round;

  Confirmation(ClusterAgent agent, Platform platform, Applied applied, Extent extent) {
    this.agent = agent;
    this.platform = platform;
    this.applied = applied;
    this.extent = extent;
    this.round = agent.state().epoch();
  }

  CompletableFuture<Applied> result() {
    return result;
  }

  /**
   * Looks again: at the start, after answers, and whenever members, epoch, or this node's log have
   * changed.
   */
  void check() {
    if (result.isDone()) {
      return;
    }
    ClusterState state = agent.state();
    if (!state.epoch().equals(round)) {
      round = state.epoch();
      asked.clear();
      confirmed.clear();
    }
    List<Member> members = state.syncedMembers();
    int count = 0;
    for (Member member : members) {
      boolean has = agent.isSelf(member.id()) ? agent.isSettled() : confirmed.contains(member.id());
      count += has ? 1 : 0;
    }
    int needed = extent == Extent.EVERY_MEMBER ? members.size() : members.size() / 2 + 1;
    if (count >= needed) {
      result.complete(applied);
      return;
    }
    members.stream().filter(member -> !agent.isSelf(member.id())).forEach(this::ask);
  }

  /** The membership of this node has ended: whether others have applied the event is not known. */
  void end() {
    result.complete(Proposals.refusal(ResultCode.CLUSTER_ERROR));
  }

  private void ask(Member member) {
    if (!asked.add(member.id())) {
      return;
    }
    Epoch askedIn = round;
    Request request =
        Request.of(
                Opcode.PEER_CONFIRM, new SequenceBody(applied.sequence(), 0, member.incarnation()))
            .withEpoch(askedIn);
    platform
        .transport()
        .send(member.node().address(), request, Unpooled.EMPTY_BUFFER)
        .thenAccept(reply -> answered(member.id(), askedIn, reply));
  }

  private void answered(MemberId member, Epoch askedIn, Reply reply) {
    boolean success = reply.header().isSuccess();
    reply.release();
    if (result.isDone() || !askedIn.equals(round)) {
      return;
    }
    if (success) {
      confirmed.add(member);
      check();
      return;
    }
    platform
        .scheduler()
        .schedule(
            RETRY,
            () -> {
              if (askedIn.equals(round)) {
                asked.remove(member);
                check();
              }
            });
  }
}
