package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Welcome;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Envelope;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.StateCodec;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.NodeAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The time before this node has the state. Everything that is delivered is kept; the state comes
 * from a member that has it, named by a {@link Welcome}, and what it has not seen yet is applied
 * after it. When nobody older is left and nobody has the state, this node founds it.
 */
final class Joining {
  /** Events that may be delivered while the state is being received. */
  static final int MAX_KEPT = 1 << 18;

  private static final Duration RETRY = Duration.ofMillis(200);

  private final Platform platform;
  private final LocalNode local;
  private final Target target;

  private final Deque<Delivery> kept = new ArrayDeque<>();

  /** Members that may have the state without this node knowing: they were there before. */
  private final Set<MemberId> older = new HashSet<>();

  /** Members that are known to have it. */
  private final Set<MemberId> synced = new HashSet<>();

  private List<NodeAddress> sources = List.of();
  private boolean presented;
  private boolean pulling;
  private boolean ended;

  /**
   * Something that was delivered: a membership change, or a message (without envelope if it could
   * not be understood).
   */
  record Delivery(
      @Nullable Map<MemberId, Departure> left,
      @Nullable MemberId sender,
      @Nullable Envelope envelope) {
    boolean isJoinRequestOf(MemberId id) {
      return id.equals(sender) && envelope != null && envelope.event() instanceof JoinRequest;
    }
  }

  /** Who wants the state. */
  interface Target {
    /**
     * The state is here.
     *
     * @param state to start from
     * @param missed what to apply to it at once, in order
     * @param ahead number of deliveries still to come that it has seen already
     */
    void begin(ClusterState state, Collection<Delivery> missed, long ahead);

    /** This node was not taken in. */
    void refused(ClusterState state);

    /** It does not work. */
    void failed(NodeFailure failure);
  }

  /** Sequence number of what was delivered before the first kept delivery; -1 until it is known. */
  private long base = -1;

  Joining(Platform platform, LocalNode local, Target target) {
    this.platform = platform;
    this.local = local;
    this.target = target;
  }

  /**
   * Receives the state once more: this node was taken in and has followed the history, but between
   * two events the others have added something that only they know.
   *
   * @param known what this node has so far
   */
  static Joining again(Platform platform, LocalNode local, Target target, ClusterState known) {
    Joining joining = new Joining(platform, local, target);
    joining.base = known.sequence();
    joining.presented = true;
    known.syncedMembers().forEach(member -> joining.synced.add(member.id()));
    joining.sources =
        known.syncedMembers().stream().map(member -> member.node().address()).toList();
    joining.pull(0);
    return joining;
  }

  void end() {
    ended = true;
  }

  /** The first membership that this node is part of. */
  void first(List<MemberId> members, List<MemberId> joined) {
    MemberId self = platform.driver().self();
    older.addAll(members);
    joined.stream().dropWhile(id -> !id.equals(self)).forEach(older::remove);
    kept.add(new Delivery(Map.of(), null, null));
    foundIfFirst();
  }

  void membership(Map<MemberId, Departure> left) {
    keep(new Delivery(left, null, null));
    older.removeAll(left.keySet());
    synced.removeAll(left.keySet());
    foundIfFirst();
  }

  void delivered(MemberId sender, @Nullable Envelope envelope) {
    keep(new Delivery(null, sender, envelope));
    if (envelope == null) {
      return;
    }
    MemberId self = platform.driver().self();
    if (envelope.event() instanceof MemberReady) {
      synced.add(sender);
    } else if (envelope.event() instanceof Welcome welcome && welcome.joiner().equals(self)) {
      synced.add(sender);
      sources =
          welcome.sources().stream()
              .filter(source -> !source.equals(local.entry().address()))
              .toList();
      pull(0);
    } else if (envelope.event() instanceof JoinRequest && sender.equals(self)) {
      presented = true;
    }
  }

  private void keep(Delivery delivery) {
    kept.add(delivery);
    if (kept.size() > MAX_KEPT && !ended) {
      ended = true;
      target.failed(
          new NodeFailure(
              NodeFailure.Cause.TRANSFER,
              "More than "
                  + MAX_KEPT
                  + " events came while the state of the cluster was being received; start sheep again when the cluster is"
                  + " less busy, or look why the transfer is slow"));
    }
  }

  /** Of several nodes that start in the same instant the one that comes first does it. */
  private void foundIfFirst() {
    if (ended || !older.isEmpty() || !synced.isEmpty()) {
      return;
    }
    ended = true;
    if (base >= 0) {
      target.failed(
          new NodeFailure(
              NodeFailure.Cause.TRANSFER,
              "All members that could have sent the state of the cluster are gone; start sheep again"));
    } else {
      ClusterState founded =
          ClusterState.founded(
              platform.meta().config(), platform.meta().epochs(), platform.meta().recovery());
      target.begin(founded, kept, 0);
    }
  }

  private void pull(int attempt) {
    if (pulling || ended || sources.isEmpty()) {
      return;
    }
    pulling = true;
    NodeAddress source = sources.get(attempt % sources.size());
    Pull.of(platform.transport(), source, Opcode.PEER_STATE, 0)
        .thenAccept(bytes -> received(bytes, attempt));
  }

  private void received(@Nullable ByteBuf bytes, int attempt) {
    pulling = false;
    if (bytes != null && !ended) {
      try {
        take(StateCodec.read(bytes));
      } catch (ProtocolException e) {
        ended = true;
        target.failed(
            new NodeFailure(
                NodeFailure.Cause.TRANSFER,
                "The state of the cluster cannot be read: " + e.getMessage()));
      }
    }
    if (bytes != null) {
      bytes.release();
    }
    if (!ended) {
      platform.scheduler().schedule(RETRY, () -> pull(attempt + 1));
    }
  }

  /**
   * Takes a state that knows of this node; an older one is of no use, the next attempt will bring a
   * newer one.
   */
  private void take(ClusterState state) {
    MemberId self = platform.driver().self();
    if (presented && state.refused().containsKey(self)) {
      ended = true;
      target.refused(state);
      return;
    }
    Member member = state.members().get(self);
    if (!presented || member == null || member.incarnation() != local.incarnation()) {
      return;
    }
    if (base < 0) {
      while (!kept.element().isJoinRequestOf(self)) {
        kept.remove();
      }
      base = member.joinedAt() - 1;
    }
    long seen = state.sequence() - base;
    if (seen < 0) {
      return;
    }
    while (seen > 0 && !kept.isEmpty()) {
      kept.remove();
      seen--;
    }
    ended = true;
    target.begin(state, kept, seen);
  }
}
