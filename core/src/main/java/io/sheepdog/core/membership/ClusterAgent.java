package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Envelope;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.cluster.Transition;
import io.sheepdog.core.lease.LeaseCluster;
import io.sheepdog.core.lease.LeasePolicy;
import io.sheepdog.core.lease.Leases;
import io.sheepdog.core.lease.ReplyGate;
import io.sheepdog.core.membership.Joining.Delivery;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * This node's membership: joins, receives the state, applies the ordered events to it, and keeps
 * the disk up with it.
 *
 * <p>The state exists once the first {@link ClusterState} was received or founded; the node counts
 * ({@link #synced()}) once its {@link MemberReady} was applied.
 */
public final class ClusterAgent implements LeaseCluster {
  private final LocalNode local;
  private final Platform platform;
  private final NodeCallbacks callbacks;
  private final Proposals proposals;
  private final EpochWork disk;
  private final DiskLoss loss;
  private final ConfirmService confirmService;
  private final StateService stateService;
  private final DirectoryExchange exchange;
  private final Duties duties;
  private final Rings rings = new Rings();
  private final List<StateListener> listeners = new ArrayList<>();
  private final Confirmations confirmations;
  private final Leases leases;
  private final Arrival arrival;

  private ClusterState state = ClusterState.INITIAL;

  /** Name in the driver, null before the first membership. */
  private @Nullable MemberId self;

  private boolean started;
  private boolean synced;
  private boolean ended;

  /** Creates the agent; nothing happens before {@link #start()}. */
  public ClusterAgent(LocalNode local, Platform platform, NodeCallbacks callbacks) {
    this(local, platform, callbacks, LeasePolicy.SAFE);
  }

  /** For the simulator, which plants mistakes through {@code policy}. */
  public ClusterAgent(
      LocalNode local, Platform platform, NodeCallbacks callbacks, LeasePolicy policy) {
    this.local = local;
    this.platform = platform;
    this.callbacks = callbacks;
    MetaStore meta = platform.meta();
    proposals = new Proposals(platform.driver(), callbacks);
    Displacement displacement =
        new Displacement(platform.objects(), local.entry().address(), meta.storeId());
    leases = new Leases(this, platform, local.incarnation(), policy, this::progress);
    arrival = new Arrival(local, platform, proposals, this);
    loss = new DiskLoss(platform.objects(), this, proposals, callbacks);
    disk =
        new EpochWork(
            meta,
            platform.objects(),
            displacement,
            callbacks,
            this::fail,
            this::isCommitted,
            loss,
            this::progress);
    confirmService =
        new ConfirmService(this::state, this::isSettled, this::servingEpoch, local.incarnation());
    stateService = new StateService(this::state, platform.scheduler(), local.incarnation());
    exchange = new DirectoryExchange(platform, local, callbacks, this::fail, proposals::tell);
    confirmations = new Confirmations(this, platform);
    duties = new Duties(platform, proposals);
  }

  /** Joins the group. */
  public void start() {
    NodeFailure damage = Refusals.damage(platform.meta());
    if (damage != null) {
      fail(damage);
      return;
    }
    String mismatch = VnodesStrategy.mismatch(local.entry(), platform.meta());
    if (mismatch != null) {
      end();
      callbacks.onRefused(mismatch);
      return;
    }
    started = true;
    arrival.start();
    platform.driver().join(new Deliveries(this, callbacks));
  }

  /** Leaves the group; open proposals end with CLUSTER_ERROR. */
  public void leave() {
    if (!ended) {
      leaveDriver();
      end();
    }
  }

  private void leaveDriver() {
    if (started) {
      platform.driver().leave();
    }
  }

  /**
   * After the last applied event; {@link ClusterState#INITIAL} before this node's state is known.
   */
  @Override
  public ClusterState state() {
    return state;
  }

  /** This node as a member; not before {@link #synced()}. */
  public Member self() {
    return Objects.requireNonNull(presented(), "This node is not a member yet");
  }

  /** Whether that member is this node. */
  @Override
  public boolean isSelf(MemberId id) {
    return id.equals(self);
  }

  /** Whether this node is the synced member that joined first. */
  public boolean isOldest() {
    Member oldest = state.oldest();
    return oldest != null && isSelf(oldest.id());
  }

  /** Whether this node has the state and counts as a member. */
  @Override
  public boolean synced() {
    return synced && !ended;
  }

  /**
   * This daemon's incarnation as long as clients may hear from it; 0 before it is a member and once
   * its membership has ended.
   */
  public long servingIncarnation() {
    return synced() ? local.incarnation() : 0;
  }

  /**
   * The epoch in which this node serves: the state's once its log is on disk and no node that does
   * not know of it can hold a lease (R5), ZERO while the cluster does not run.
   */
  @Override
  public Epoch servingEpoch() {
    return disk.serving();
  }

  /** Where replies to clients wait for this node's lease (R5). */
  public ReplyGate replies() {
    return leases.replies();
  }

  /**
   * Whether all that the state asks of this node's disk is done, and no lease of a former member
   * that it voted for is running.
   */
  @Override
  public boolean isSettled() {
    return disk.isSettled(state) && leases.isWaitedOut();
  }

  @Override
  public void warn(String message) {
    callbacks.onWarning(message);
  }

  @Override
  public boolean diskHangs() {
    // one that was given up may hang: nobody waits for it
    return platform.objects().failure() == null
        && platform.objects().nanosStalled() >= Leases.SILENCE.toNanos();
  }

  @Override
  public void complain(MemberId member, boolean silent) {
    proposals.tell(new Complaint(member, silent));
  }

  private boolean isCommitted(Epoch epoch) {
    return epoch.equals(state.epoch()) && leases.isCommitted();
  }

  /** The ring of the current epoch. */
  public Ring ring() {
    return rings.of(state.newestEpoch());
  }

  /** The ring of an epoch of the history; empty if the epoch is not known. */
  public Ring ring(Epoch epoch) {
    return rings.of(state.epochRecord(epoch));
  }

  /** Sends an event; the stage completes when it was applied here. */
  public CompletionStage<Applied> propose(ClusterEvent event) {
    if (!synced()) {
      return Proposals.refused(ended ? ResultCode.CLUSTER_ERROR : ResultCode.STARTUP);
    }
    return proposals.send(event);
  }

  /**
   * Like {@link #propose}, and then waits until enough members have applied it in the current epoch
   * (R4). Refusals are not confirmed.
   */
  public CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent) {
    return propose(event).thenCompose(applied -> confirmations.confirm(applied, extent));
  }

  /** Adds a listener; for the life of the agent. */
  public void addListener(StateListener listener) {
    listeners.add(listener);
  }

  /**
   * Runs the task once {@link #servingEpoch()} is at least that epoch, or this node stopped being a
   * member; now if it is so already.
   */
  public void whenEpochServed(Epoch atLeast, Runnable task) {
    disk.whenServed(atLeast, task);
  }

  /** The nodes of the newest epoch that are not here while the cluster waits for them (R1). */
  public List<EpochNode> missingNodes() {
    return state.status() == ClusterStatus.WAIT_JOIN ? state.missingNodes() : List.of();
  }

  /** Answers PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY and PEER_LEASE. */
  public CompletionStage<Reply> handlePeer(Request request, ByteBuf payload) {
    Opcode opcode = request.operation();
    if (!synced()) {
      return plain(request, ended ? ResultCode.CLUSTER_ERROR : ResultCode.STARTUP);
    }
    if (opcode == Opcode.PEER_LEASE && request.body() instanceof LeaseBody lease) {
      return CompletableFuture.completedFuture(leases.handle(request, lease));
    }
    if (opcode == null || !(request.body() instanceof SequenceBody body)) {
      return plain(request, ResultCode.INVALID_PARMS);
    }
    return switch (opcode) {
      case PEER_CONFIRM -> confirmService.handle(request, body);
      case PEER_STATE -> CompletableFuture.completedFuture(stateService.handle(request, body));
      case PEER_DIRECTORY -> exchange.handle(request, body, state);
      default -> plain(request, ResultCode.INVALID_PARMS);
    };
  }

  private CompletionStage<Reply> plain(Request request, ResultCode code) {
    return CompletableFuture.completedFuture(Replies.plain(request, state.epoch(), code));
  }

  // ---- what the driver delivers

  void firstMembership(List<MemberId> members, List<MemberId> joined) {
    if (!ended) {
      self = platform.driver().self();
      arrival.first(members, joined);
    }
  }

  void membership(Map<MemberId, Departure> left) {
    arrival.deliver(new Delivery(left, null, null));
  }

  void message(MemberId sender, @Nullable Envelope envelope) {
    arrival.deliver(new Delivery(null, sender, envelope));
  }

  void driverFailed(String reason) {
    if (!ended) {
      end();
      callbacks.onFailure(
          new NodeFailure(
              NodeFailure.Cause.DRIVER, "The cluster driver lost the group: " + reason));
    }
  }

  boolean hasEnded() {
    return ended;
  }

  /** This node's member in the state, ready or not; null when it has none there. */
  @Nullable Member presented() {
    return presentedIn(state);
  }

  /** The same of another state. */
  @Nullable Member presentedIn(ClusterState other) {
    return self == null ? null : other.members().get(self);
  }

  /** The state is here; what is delivered from now on is applied to it. */
  void begin(ClusterState first) {
    state = first;
  }

  // ---- applying

  void apply(Delivery delivery) {
    ClusterState before = state;
    ClusterEvent event = delivery.envelope() == null ? null : delivery.envelope().event();
    Transition transition = transition(before, delivery, event);
    ClusterState after = transition.next();
    boolean starts =
        before.status() == ClusterStatus.STARTING && after.status() == ClusterStatus.RUNNING;
    if (starts) {
      Gathered gathered = exchange.merged(before.startedAt());
      if (gathered == null) {
        state = after;
        arrival.again(after);
        return;
      }
      after = after.withGathered(gathered.directory(), gathered.epochs());
      exchange.forget();
    }
    state = after;
    MemberId sender = delivery.sender();
    boolean own = sender != null && isSelf(sender);
    boolean refused = own && transition.outcome() instanceof Outcome.Refused;
    if (refused && event instanceof JoinRequest) {
      refuse(after);
      return;
    }
    if (refused && event instanceof MemberReady && !isCounted()) {
      arrival.announceAgain();
      return;
    }
    arrival.announce();
    boolean becameSynced = own && event instanceof MemberReady && !synced;
    synced |= becameSynced;
    if (synced) {
      leases.applied(gone(delivery, transition.outcome()), becameSynced);
      boolean anonymous = becameSynced || starts;
      follow(
          becameSynced ? ClusterState.INITIAL : before,
          anonymous ? null : sender,
          anonymous ? null : event,
          transition.outcome());
      if (own && delivery.envelope() != null && !ended) {
        proposals.applied(
            delivery.envelope().requestId(), new Applied(after.sequence(), transition.outcome()));
      }
    }
  }

  /** Who is gone with that step. */
  private static Map<MemberId, Departure> gone(Delivery delivery, Outcome outcome) {
    if (outcome instanceof Outcome.Evicted evicted) {
      return Map.of(evicted.member(), Departure.NODE_DOWN);
    }
    return delivery.left() == null ? Map.of() : delivery.left();
  }

  /**
   * Whether the state counts this node. One that received the state twice ({@link Arrival#again})
   * says twice that it is ready: the first word may have been seen by the second state, and the
   * refusal of the second word then means that this node is a member.
   */
  private boolean isCounted() {
    Member member = presented();
    return member != null && member.synced();
  }

  private static Transition transition(
      ClusterState before, Delivery delivery, @Nullable ClusterEvent event) {
    if (delivery.left() != null) {
      return before.applyMembership(delivery.left());
    }
    return delivery.sender() == null || event == null
        ? before.applyUnknown()
        : before.apply(delivery.sender(), event);
  }

  /** Everything that follows from a step of the state. */
  private void follow(
      ClusterState before,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (outcome instanceof Outcome.QuorumLost lost) {
      fail(Refusals.quorum(lost));
      return;
    }
    if (outcome instanceof Outcome.Evicted evicted) {
      if (isSelf(evicted.member())) {
        fail(Refusals.eviction());
        return;
      }
      callbacks.onWarning(Refusals.evicted(evicted));
    }
    ClusterState after = state;
    if (event instanceof Format && outcome instanceof Outcome.Done) {
      disk.format();
    }
    if (after.history() != before.history() || after.status() != before.status()) {
      disk.bring(after);
    }
    if (after.status() == ClusterStatus.STARTING && after.startedAt() != before.startedAt()) {
      exchange.begin(after);
    } else if (before.status() == ClusterStatus.STARTING
        && after.status() != ClusterStatus.STARTING) {
      exchange.stop();
    }
    for (StateListener listener : List.copyOf(listeners)) {
      listener.applied(before, after, sender, event, outcome);
    }
    duties.afterStep(before, after, event, isOldest());
    loss.look();
    progress();
  }

  /** Something was applied or is on disk: who waits for it looks again. */
  private void progress() {
    confirmService.advance();
    confirmations.check();
    leases.look();
    disk.serve();
  }

  // ---- the end

  void refuse(ClusterState theirs) {
    if (!ended) {
      leaveDriver();
      end();
      ResultCode code = self == null ? null : theirs.refused().get(self);
      callbacks.onRefused(Refusals.text(theirs, code, local, platform.meta()));
    }
  }

  /** Another member with this node's address or store does not go away. */
  void refuseDuplicate() {
    leaveDriver();
    end();
    callbacks.onRefused(Refusals.duplicate(local));
  }

  void fail(NodeFailure failure) {
    if (!ended) {
      leaveDriver();
      end();
      callbacks.onFailure(failure);
    }
  }

  private void end() {
    ended = true;
    arrival.end();
    leases.end();
    exchange.forget();
    stateService.end();
    disk.end();
    confirmService.endAll();
    proposals.endAll();
    confirmations.end();
  }
}
