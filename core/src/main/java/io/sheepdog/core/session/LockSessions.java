package io.sheepdog.core.session;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ties the replicated locks whose gateway is this node to the connections of its clients (R12).
 *
 * <p>A lock ends {@link #GRACE} after the last connection that may be its client's closed; a lock
 * that a plain write took, or that was asked for so, ends with that connection; a lock that lost
 * its gateway is ended after the same grace by the oldest member. RELEASE_VDI ends it at once.
 *
 * <p>Whoever is granted a lock is told so, and writes, only when nothing of an earlier holder is
 * under way any more ({@link EarlierWrites}).
 */
public final class LockSessions implements WriteGrants, StateListener {
  /**
   * How long a lock outlives its client's last connection: time for QEMU, which retries every
   * second, to come back.
   */
  public static final Duration GRACE = Duration.ofSeconds(5);

  private final ClusterAgent agent;
  private final Scheduler scheduler;
  private final Clock clock;
  private final EarlierWrites earlier;
  private final Set<ClientSession> sessions = new LinkedHashSet<>();
  private final Map<Long, Holding> holdings = new HashMap<>();
  private final Map<Attempt, CompletableFuture<Grant>> attempts = new HashMap<>();
  private long nextSession;

  /** A session that waits for the lock of a VDI. */
  private record Attempt(ClientSession session, VdiId vid) {}

  /** Creates the table and follows the agent's state from now on. */
  public LockSessions(ClusterAgent agent, Scheduler scheduler, Clock clock, EarlierWrites earlier) {
    this.agent = agent;
    this.earlier = earlier;
    this.scheduler = scheduler;
    this.clock = clock;
    agent.addListener(this);
  }

  /** A client connected. */
  public ClientSession open(String clientAddress) {
    ClientSession session = new ClientSession(++nextSession, clientAddress);
    sessions.add(session);
    session.onClose(() -> closed(session));
    return session;
  }

  /**
   * LOCK_VDI: asks for the lock of a working VDI; the stage completes once every member knows of it
   * (R4) and the writes under way of earlier holders have ended.
   */
  public CompletionStage<Grant> lock(VdiId head, ClientSession session, LockKind kind) {
    if (kind == LockKind.ATTACHED) {
      session.locksItself();
    }
    VdiLock orphan = agent.state().locks().of(head);
    if (kind == LockKind.ATTACHED
        && orphan != null
        && orphan.orphaned()
        && orphan.kind() == kind
        && orphan.client().equals(session.clientAddress())) {
      return takeOver(session, orphan, () -> lock(head, session, kind));
    }
    return agent
        .proposeAndConfirm(
            new LockAcquire(head, session.clientAddress(), kind, clock.wallTime()),
            Extent.EVERY_MEMBER)
        .thenCompose(this::whenOpen)
        .thenApply(
            grant -> {
              Holding holding = holdings.get(grant.generation());
              boolean ofThisConnection = kind == LockKind.SHARED || kind == LockKind.ATTACHED;
              if (ofThisConnection && holding != null && !session.isClosed()) {
                attach(session, holding);
              } else if (kind == LockKind.ATTACHED && holding != null) {
                deserted(holding);
              }
              return grant;
            });
  }

  /**
   * RELEASE_VDI: ends the lock of any vid of the lineage, the one that is known here. A client that
   * is done ends its own only: somebody else may hold the lock by now.
   *
   * @param client address of who asks
   * @param isOrder whether an administrator asks, who means the lock whosever it is
   */
  public CompletionStage<ResultCode> release(VdiId vid, String client, boolean isOrder) {
    VdiLock lock = agent.state().locks().of(vid);
    boolean isMeant =
        lock != null && (isOrder || lock.kind() == LockKind.SHARED || lock.client().equals(client));
    if (lock == null || !isMeant) {
      return CompletableFuture.completedFuture(ResultCode.VDI_NOT_LOCKED);
    }
    return agent
        .proposeAndConfirm(new LockRelease(vid, lock.generation()), Extent.QUORUM)
        .thenApply(
            applied ->
                applied.outcome() instanceof Outcome.Refused r ? r.code() : ResultCode.SUCCESS);
  }

  @Override
  public CompletionStage<Grant> authorize(ClientSession session, VdiId vid, ObjectKind kind) {
    if (session.isClosed()) {
      // a request that waited (for the end of a freeze) while its connection went: attached to it,
      // the
      // lock would never end, and the client sends the request again anyway
      return done(Grant.refused(ResultCode.VDI_LOCKED));
    }
    VdiLock lock = agent.state().locks().of(vid);
    if (session.isLockingItself() && (lock == null || lock.orphaned())) {
      // it was taken away, and what the session knows of the index may be the past
      return done(Grant.refused(ResultCode.VDI_LOCKED));
    }
    if (lock == null) {
      return acquire(session, vid);
    }
    if (lock.orphaned()) {
      return lock.client().equals(session.clientAddress()) && lock.kind() != LockKind.ATTACHED
          ? takeOver(session, lock, () -> authorize(session, vid, kind))
          : done(Grant.refused(ResultCode.VDI_LOCKED));
    }
    Holding holding = holdings.get(lock.generation());
    if (holding != null && !holding.isOpen()) {
      return holding.open().thenCompose(ignored -> authorize(session, vid, kind));
    }
    if (holding == null || !mayUse(holding, session, kind)) {
      return done(Grant.refused(ResultCode.VDI_LOCKED));
    }
    return done(new Grant(ResultCode.SUCCESS, lock.generation()));
  }

  private boolean mayUse(Holding holding, ClientSession session, ObjectKind kind) {
    if (holding.isAttached(session)) {
      return true;
    }
    if (session.isLockingItself()
        || !holding.isOf(session)
        || holding.kind() == LockKind.HELD
        || holding.kind() == LockKind.ATTACHED) {
      return false;
    }
    if (holding.isCandidate(session) || holding.isDeserted() || holding.welcomes(session)) {
      attach(session, holding);
      return true;
    }
    return kind == ObjectKind.VMSTATE;
  }

  @Override
  public boolean isBesideTheHolder(ClientSession session, VdiId vid) {
    VdiLock lock = agent.state().locks().of(vid);
    Holding holding = lock == null ? null : holdings.get(lock.generation());
    return holding != null
        && holding.kind() == LockKind.CLIENT
        && holding.isOf(session)
        && !holding.isAttached(session);
  }

  @Override
  public void noteUse(ClientSession session, VdiId vid) {
    VdiLock lock = agent.state().locks().of(vid);
    Holding holding = lock == null ? null : holdings.get(lock.generation());
    if (holding != null && !session.isClosed() && holding.isCandidate(session)) {
      attach(session, holding);
    }
  }

  /** One connection serves one VDI: where else the session was a candidate it is none any more. */
  private void attach(ClientSession session, Holding holding) {
    holding.attach(session);
    for (Holding other : List.copyOf(holdings.values())) {
      if (other != holding && other.isCandidate(session) && other.drop(session)) {
        deserted(other);
      }
    }
  }

  /** Takes a free lock for a client that never asked for it. */
  private CompletionStage<Grant> acquire(ClientSession session, VdiId vid) {
    VdiEntry entry = agent.state().directory().entry(vid);
    if (entry == null || entry.state() != VdiEntry.State.HEAD) {
      return done(Grant.refused(entry == null ? ResultCode.NO_OBJ : ResultCode.READONLY));
    }
    ClusterEvent event =
        new LockAcquire(vid, session.clientAddress(), LockKind.IMPLICIT, clock.wallTime());
    return attempt(session, vid, event);
  }

  /**
   * The lock's gateway is gone and its client shows up here.
   *
   * @param ifOver what to do if the client came too late: the lock has ended meanwhile
   */
  private CompletionStage<Grant> takeOver(
      ClientSession session, VdiLock lock, Supplier<CompletionStage<Grant>> ifOver) {
    LockAttach event = new LockAttach(lock.head(), lock.generation(), session.clientAddress());
    return attempt(session, lock.head(), event)
        .thenCompose(
            grant -> grant.code() == ResultCode.VDI_NOT_LOCKED ? ifOver.get() : done(grant));
  }

  private CompletionStage<Grant> attempt(ClientSession session, VdiId vid, ClusterEvent event) {
    Attempt key = new Attempt(session, vid);
    CompletableFuture<Grant> running = attempts.get(key);
    if (running != null) {
      return running;
    }
    CompletableFuture<Grant> result = new CompletableFuture<>();
    attempts.put(key, result);
    agent
        .proposeAndConfirm(event, Extent.EVERY_MEMBER)
        .thenCompose(this::whenOpen)
        .whenComplete(
            (grant, failure) -> {
              attempts.remove(key);
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(granted(session, grant));
              }
            });
    return result;
  }

  /**
   * The grant that was applied, once it may be used: refused if the lock has ended meanwhile, or
   * this node's membership.
   */
  private CompletionStage<Grant> whenOpen(Applied applied) {
    Grant grant = toGrant(applied);
    if (grant.code() != ResultCode.SUCCESS) {
      return done(grant);
    }
    Holding holding = holdings.get(grant.generation());
    if (holding == null) {
      return done(Grant.refused(ResultCode.VDI_LOCKED));
    }
    return earlier
        .ended(holding.head(), holding.generation())
        .thenApply(
            ignored -> {
              if (!agent.synced()) {
                return Grant.refused(ResultCode.CLUSTER_ERROR);
              }
              holding.opens();
              boolean held = holdings.get(grant.generation()) == holding;
              return held ? grant : Grant.refused(ResultCode.VDI_LOCKED);
            });
  }

  private Grant granted(ClientSession session, Grant grant) {
    if (grant.code() != ResultCode.SUCCESS) {
      return grant;
    }
    Holding holding = holdings.get(grant.generation());
    if (holding == null) {
      return Grant.refused(ResultCode.VDI_LOCKED);
    }
    if (session.isClosed()) {
      if (holding.isDeserted()) {
        deserted(holding);
      }
      return Grant.refused(ResultCode.VDI_LOCKED);
    }
    attach(session, holding);
    return grant;
  }

  private static Grant toGrant(Applied applied) {
    return applied.outcome() instanceof Outcome.Locked locked
        ? new Grant(ResultCode.SUCCESS, locked.lock().generation())
        : Grant.refused(
            applied.outcome() instanceof Outcome.Refused refused
                ? refused.code()
                : ResultCode.SYSTEM_ERROR);
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (outcome instanceof Outcome.Locked locked && agent.isSelf(locked.lock().gateway())) {
      hold(locked.lock());
    }
    if (before.locks() != after.locks()) {
      dropEnded(after);
      watchOrphans(before, after);
    }
  }

  private void hold(VdiLock lock) {
    Holding holding = new Holding(lock);
    holdings.put(lock.generation(), holding);
    if (lock.kind() == LockKind.CLIENT) {
      for (ClientSession session : sessions) {
        if (session.isSilent() && holding.isOf(session) && !isAttachedAnywhere(session)) {
          holding.addCandidate(session);
        }
      }
    }
    boolean ofConnections = lock.kind() == LockKind.CLIENT || lock.kind() == LockKind.SHARED;
    if (ofConnections && holding.isDeserted()) {
      startGrace(holding);
    }
  }

  private boolean isAttachedAnywhere(ClientSession session) {
    return holdings.values().stream().anyMatch(h -> h.isAttached(session));
  }

  private void dropEnded(ClusterState after) {
    List<Holding> ended = new ArrayList<>();
    for (Holding holding : holdings.values()) {
      if (after.locks().ofGeneration(holding.generation()) == null) {
        holding.stopGrace();
        ended.add(holding);
      }
    }
    ended.forEach(holding -> holdings.remove(holding.generation()));
    ended.forEach(Holding::opens);
  }

  /**
   * The gateway of a lock died: its client has the same grace to come back through another node.
   */
  private void watchOrphans(ClusterState before, ClusterState after) {
    for (VdiLock lock : after.locks().orphaned()) {
      VdiLock earlier = before.locks().ofGeneration(lock.generation());
      if (earlier == null || !earlier.orphaned()) {
        scheduler.schedule(GRACE, () -> endOrphan(lock.generation()));
      }
    }
  }

  private void endOrphan(long generation) {
    VdiLock lock = agent.state().locks().ofGeneration(generation);
    if (lock == null || !lock.orphaned()) {
      return;
    }
    if (agent.isOldest()) {
      agent.propose(new LockRelease(lock.head(), generation));
    }
    scheduler.schedule(GRACE, () -> endOrphan(generation));
  }

  private void closed(ClientSession session) {
    sessions.remove(session);
    for (Holding holding : List.copyOf(holdings.values())) {
      if (holding.drop(session)) {
        deserted(holding);
      }
    }
  }

  private void deserted(Holding holding) {
    if (holding.kind() == LockKind.IMPLICIT || holding.kind() == LockKind.ATTACHED) {
      end(holding);
    } else if (holding.kind() != LockKind.HELD) {
      startGrace(holding);
    }
  }

  private void startGrace(Holding holding) {
    holding.startGrace(
        scheduler.schedule(
            GRACE,
            () -> {
              if (holding.isDeserted()) {
                end(holding);
              }
            }));
  }

  private void end(Holding holding) {
    VdiLock lock = agent.state().locks().ofGeneration(holding.generation());
    if (lock != null) {
      agent.propose(new LockRelease(lock.head(), holding.generation()));
    }
  }

  private static CompletionStage<Grant> done(Grant grant) {
    return CompletableFuture.completedFuture(grant);
  }
}
