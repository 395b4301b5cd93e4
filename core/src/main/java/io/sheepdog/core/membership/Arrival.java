package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.membership.Joining.Delivery;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.Platform;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's way into the group, from presenting itself to saying that it has the state. Deliveries
 * pass through here: those that belong to the past of the received state end here.
 */
final class Arrival implements Joining.Target {
  private static final Duration READY_RETRY = Duration.ofMillis(500);

  /** 20 s: longer than any driver needs to notice that a process is dead. */
  private static final int MAX_READY_ATTEMPTS = 40;

  private final LocalNode local;
  private final Platform platform;
  private final Proposals proposals;
  private final ClusterAgent agent;

  /** While this node does not have the state; null afterwards. */
  private @Nullable Joining joining;

  /** Deliveries still to come that the received state has seen already. */
  private long ahead;

  private int readyAttempts;
  private boolean readySent;

  Arrival(LocalNode local, Platform platform, Proposals proposals, ClusterAgent agent) {
    this.local = local;
    this.platform = platform;
    this.proposals = proposals;
    this.agent = agent;
  }

  void start() {
    joining = new Joining(platform, local, this);
  }

  /** The first membership that this node is part of. */
  void first(List<MemberId> members, List<MemberId> joined) {
    Joining begun = joining;
    if (begun == null) {
      return;
    }
    MetaStore meta = platform.meta();
    List<EpochRecord> epochs = meta.epochs();
    proposals.tell(
        new JoinRequest(
            local.entry(),
            meta.storeId(),
            local.incarnation(),
            meta.config(),
            epochs.isEmpty() ? null : epochs.get(epochs.size() - 1),
            platform.clock().wallTime()));
    begun.first(members, joined);
  }

  /** The group delivered something. */
  void deliver(Delivery delivery) {
    if (agent.hasEnded()) {
      return;
    }
    Joining waiting = joining;
    if (waiting != null) {
      if (delivery.left() != null) {
        waiting.membership(delivery.left());
      } else if (delivery.sender() != null) {
        waiting.delivered(delivery.sender(), delivery.envelope());
      }
    } else if (ahead > 0) {
      ahead--;
    } else {
      agent.apply(delivery);
    }
  }

  /** Receives the state once more; see {@link Joining#again}. */
  void again(ClusterState known) {
    readySent = false;
    joining = Joining.again(platform, local, this, known);
  }

  @Override
  public void begin(ClusterState first, Collection<Delivery> missed, long seen) {
    joining = null;
    ahead = seen;
    agent.begin(first);
    for (Delivery delivery : List.copyOf(missed)) {
      deliver(delivery);
    }
    announce();
  }

  @Override
  public void refused(ClusterState theirs) {
    agent.refuse(theirs);
  }

  @Override
  public void failed(NodeFailure failure) {
    agent.fail(failure);
  }

  /** Tells the others that this node has the state, once. */
  void announce() {
    if (joining == null && !readySent && !agent.hasEnded() && agent.presented() != null) {
      readySent = true;
      readyAttempts++;
      proposals.tell(new MemberReady(platform.clock().wallTime()));
    }
  }

  /** Another member with this address or store is still there. */
  void announceAgain() {
    if (readyAttempts >= MAX_READY_ATTEMPTS) {
      agent.refuseDuplicate();
      return;
    }
    platform
        .scheduler()
        .schedule(
            READY_RETRY,
            () -> {
              readySent = false;
              announce();
            });
  }

  void end() {
    if (joining != null) {
      joining.end();
    }
  }
}
