package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Envelope;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.cluster.Transition;
import io.sheepdog.core.membership.Joining.Delivery;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import io.sheepdog.protocol.placement.Ring;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
public final class ClusterAgent {
  private static final Duration READY_RETRY = Duration.ofMillis(500);

  /** 20 s: longer than any driver needs to notice that a process is dead. */
  private static final int MAX_READY_ATTEMPTS = 40;

  private final LocalNode local;
  private final Platform platform;
  private final NodeCallbacks callbacks;
  private final Proposals proposals;
  private final EpochWork disk;
  private final ConfirmService confirmService;
  private final StateService stateService;
  private final DirectoryExchange exchange;
  private final Duties duties;
  private final Rings rings = new Rings();
  private final List<StateListener> listeners = new ArrayList<>();
  private final List<Confirmation> confirmations = new ArrayList<>();

  /** Before this node has the state; null afterwards. */
  private @Nullable Joining joining;

  private ClusterState state = ClusterState.INITIAL;

  /** Deliveries still to come that the received state has seen already. */
  private long ahead;

  /** Name in the driver, null before the first membership. */
  private @Nullable MemberId self;

  private int readyAttempts;
  private boolean started;
  private boolean readySent;
  private boolean synced;
  private boolean ended;

  /** Creates the agent; nothing happens before {@link #start()}. */
  public ClusterAgent(LocalNode local, Platform platform, NodeCallbacks callbacks) {
    this.local = local;
    this.platform = platform;
    this.callbacks = callbacks;
    MetaStore meta = platform.meta();
    proposals = new Proposals(platform.driver(), callbacks);
    Displacement displacement =
        new Displacement(platform.objects(), local.entry().address(), meta.storeId());
    disk =
        new EpochWork(
            meta, platform.objects(), displacement, callbacks, this::fail, this::progress);
    confirmService = new ConfirmService(this::state, disk::isSettled, local.incarnation());
    stateService = new StateService(this::state, platform.scheduler(), local.incarnation());
    exchange = new DirectoryExchange(platform, local, callbacks, this::fail, proposals::tell);
    duties = new Duties(platform, proposals);
  }

  /** Joins the group. */
  public void start() {
    MetaStore meta = platform.meta();
    if (meta.config() == null && !meta.epochs().isEmpty()) {
      fail(
          new NodeFailure(
              NodeFailure.Cause.DISK,
              "The store has epoch logs but no configuration: it is damaged. Restore its config, or start on an empty"
                  + " directory; the other nodes hold copies of its objects"));
      return;
    }
    started = true;
    joining = new Joining(platform, local, joinTarget());
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
  public ClusterState state() {
    return state;
  }

  /** This node as a member; not before {@link #synced()}. */
  public Member self() {
    return Objects.requireNonNull(
        self == null ? null : state.members().get(self), "This node is not a member yet");
  }

  /** Whether that member is this node. */
  public boolean isSelf(MemberId id) {
    return id.equals(self);
  }

  /** Whether this node is the synced member that joined first. */
  public boolean isOldest() {
    Member oldest = state.oldest();
    return oldest != null && isSelf(oldest.id());
  }

  /** Whether this node has the state and counts as a member. */
  public boolean synced() {
    return synced && !ended;
  }

  /**
   * The epoch in which this node serves: the state's once its log is on disk, ZERO while the
   * cluster does not run.
   */
  public Epoch servingEpoch() {
    return disk.serving();
  }

  /** Whether all that the state asks of this node's disk is done. */
  boolean isSettled() {
    return disk.isSettled(state);
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
    return propose(event)
        .thenCompose(
            applied ->
                applied.outcome() instanceof Outcome.Refused
                    ? CompletableFuture.completedFuture(applied)
                    : confirm(applied, extent));
  }

  private CompletionStage<Applied> confirm(Applied applied, Extent extent) {
    if (ended) {
      return Proposals.refused(ResultCode.CLUSTER_ERROR);
    }
    Confirmation confirmation = new Confirmation(this, platform, applied, extent);
    confirmations.add(confirmation);
    confirmation.result().whenComplete((done, failure) -> confirmations.remove(confirmation));
    confirmation.check();
    return confirmation.result();
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

  /** Answers PEER_CONFIRM, PEER_STATE and PEER_DIRECTORY. */
  public CompletionStage<Reply> handlePeer(Request request, ByteBuf payload) {
    Opcode opcode = request.operation();
    if (opcode == null || !(request.body() instanceof SequenceBody body)) {
      return CompletableFuture.completedFuture(
          Replies.plain(request, state.epoch(), ResultCode.INVALID_PARMS));
    }
    if (!synced()) {
      ResultCode code = ended ? ResultCode.CLUSTER_ERROR : ResultCode.STARTUP;
      return CompletableFuture.completedFuture(Replies.plain(request, state.epoch(), code));
    }
    return switch (opcode) {
      case PEER_CONFIRM -> confirmService.handle(request, body);
      case PEER_STATE -> CompletableFuture.completedFuture(stateService.handle(request, body));
      case PEER_DIRECTORY -> exchange.handle(request, body, state);
      default ->
          CompletableFuture.completedFuture(
              Replies.plain(request, state.epoch(), ResultCode.INVALID_PARMS));
    };
  }

  // ---- what the driver delivers

  void firstMembership(List<MemberId> members, List<MemberId> joined) {
    Joining begun = joining;
    if (ended || begun == null) {
      return;
    }
    self = platform.driver().self();
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

  void membership(Map<MemberId, Departure> left) {
    deliver(new Delivery(left, null, null));
  }

  void message(MemberId sender, @Nullable Envelope envelope) {
    deliver(new Delivery(null, sender, envelope));
  }

  void driverFailed(String reason) {
    if (!ended) {
      end();
      callbacks.onFailure(
          new NodeFailure(
              NodeFailure.Cause.DRIVER, "The cluster driver lost the group: " + reason));
    }
  }

  private void deliver(Delivery delivery) {
    if (ended) {
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
      apply(delivery);
    }
  }

  private Joining.Target joinTarget() {
    return new Joining.Target() {
      @Override
      public void begin(ClusterState first, Collection<Delivery> missed, long seen) {
        joining = null;
        state = first;
        ahead = seen;
        for (Delivery delivery : List.copyOf(missed)) {
          deliver(delivery);
        }
        announce();
      }

      @Override
      public void refused(ClusterState theirs) {
        refuse(theirs);
      }

      @Override
      public void failed(NodeFailure failure) {
        fail(failure);
      }
    };
  }

  /** Tells the others that this node has the state, once. */
  private void announce() {
    Member member = joining == null && self != null && !ended ? state.members().get(self) : null;
    if (member != null && !readySent) {
      readySent = true;
      readyAttempts++;
      proposals.tell(new MemberReady(platform.clock().wallTime()));
    }
  }

  /** Another member with this address or store is still there. */
  private void announceAgain() {
    if (readyAttempts >= MAX_READY_ATTEMPTS) {
      leaveDriver();
      end();
      callbacks.onRefused(Refusals.duplicate(local));
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

  // ---- applying

  private void apply(Delivery delivery) {
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
        readySent = false;
        joining = Joining.again(platform, local, joinTarget(), after);
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
    if (refused && event instanceof MemberReady) {
      announceAgain();
      return;
    }
    announce();
    boolean becameSynced = own && event instanceof MemberReady && !synced;
    synced |= becameSynced;
    if (synced) {
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
      fail(
          new NodeFailure(
              NodeFailure.Cause.QUORUM,
              "Of epoch "
                  + lost.epoch()
                  + " too many nodes are out of reach: "
                  + lost.missing()
                  + ". This side stops, because the other may go on; repair the network"));
      return;
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
    progress();
  }

  /** Something was applied or is on disk: who waits for it looks again. */
  private void progress() {
    confirmService.advance();
    List.copyOf(confirmations).forEach(Confirmation::check);
  }

  // ---- the end

  private void refuse(ClusterState theirs) {
    if (!ended) {
      leaveDriver();
      end();
      ResultCode code = self == null ? null : theirs.refused().get(self);
      callbacks.onRefused(Refusals.text(theirs, code, local, platform.meta()));
    }
  }

  private void fail(NodeFailure failure) {
    if (!ended) {
      leaveDriver();
      end();
      callbacks.onFailure(failure);
    }
  }

  private void end() {
    ended = true;
    if (joining != null) {
      joining.end();
    }
    exchange.forget();
    stateService.end();
    disk.end();
    confirmService.endAll();
    proposals.endAll();
    List.copyOf(confirmations).forEach(Confirmation::end);
  }
}
