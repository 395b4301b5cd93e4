package io.sheepdog.core.gateway;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.session.EarlierWrites;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks all gateways whether the writes that they began under earlier locks have ended.
 *
 * <p>Every member has to say so. One that does not answer is no member for long; its writes then
 * end with the epoch in which it was one: replicas refuse them in the next, and repair what they
 * left behind before anybody touches it (R16). So this is over only when the epoch is served that
 * the members are of.
 */
final class LockDrain implements EarlierWrites {
  private final ClusterView cluster;
  private final Targets targets;
  private final PeerCalls peers;
  private final RetryGate retries;
  private final WritePolicy policy;
  private final Set<Round> rounds = new LinkedHashSet<>();

  LockDrain(
      ClusterView cluster,
      Targets targets,
      PeerCalls peers,
      RetryGate retries,
      WritePolicy policy) {
    this.cluster = cluster;
    this.targets = targets;
    this.peers = peers;
    this.retries = retries;
    this.policy = policy;
    cluster.addListener(
        (before, after, sender, event, outcome) -> {
          if (before.members() != after.members()) {
            List.copyOf(rounds).forEach(Round::look);
          }
        });
  }

  @Override
  public CompletionStage<Void> ended(VdiId vid, long generation) {
    if (!policy.waitsForEarlierWrites()) {
      return CompletableFuture.completedFuture(null);
    }
    Round round = new Round(vid, generation);
    rounds.add(round);
    round.result.whenComplete((done, failure) -> rounds.remove(round));
    round.begin();
    return round.result;
  }

  private final class Round {
    private final Request request;
    private final CompletableFuture<Void> result = new CompletableFuture<>();

    /**
     * Who has not answered; whoever joins later knows of the grant and has begun nothing before.
     */
    private final Set<Replica> asked = new LinkedHashSet<>(targets.everywhere());

    Round(VdiId vid, long generation) {
      request =
          Request.of(
              Opcode.PEER_DRAIN, PeerBody.of(ObjectId.inode(vid), 0, 0).withGeneration(generation));
    }

    void begin() {
      List.copyOf(asked).forEach(member -> ask(member, 0));
      look();
    }

    private void ask(Replica member, int tried) {
      if (cluster.incarnation() == 0) {
        result.complete(null);
      } else if (asked.contains(member)) {
        peers
            .send(member, request, Unpooled.EMPTY_BUFFER)
            .whenComplete(
                (reply, failure) -> {
                  if (failure != null) {
                    result.completeExceptionally(failure);
                    return;
                  }
                  ResultCode code = PeerCalls.codeOf(reply);
                  reply.release();
                  if (code == ResultCode.SUCCESS) {
                    asked.remove(member);
                    look();
                  } else {
                    retries.later(tried, () -> ask(member, tried + 1));
                  }
                });
      }
    }

    /** Somebody answered, or the members changed. */
    void look() {
      asked.removeIf(member -> !targets.isMember(member));
      if (asked.isEmpty()) {
        cluster.whenEpochServed(
            cluster.state().epoch(),
            () -> {
              boolean isNewest = cluster.servingEpoch().compareTo(cluster.state().epoch()) >= 0;
              if (isNewest || cluster.incarnation() == 0) {
                result.complete(null);
              } else {
                look();
              }
            });
      }
    }
  }
}
