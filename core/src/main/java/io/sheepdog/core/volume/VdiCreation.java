package io.sheepdog.core.volume;

import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * New VDIs, clones, snapshots and branches, in two phases: the vid is reserved in order, the inode
 * written, the vid committed in order. A snapshot freezes the head in between (R11): from the
 * reservation on no gateway starts a write to it; once the writes in flight have ended everywhere
 * and everything is synced, the new inode, then the old one's snapshot time, then the commit
 * follow.
 *
 * <p>An operation that fails is answered at once and undone behind the answer; the undoing needs no
 * room on a disk, so a full one keeps no head frozen.
 */
final class VdiCreation {
  /** How long to wait before asking again for a head that is frozen by another operation. */
  private static final Duration FROZEN_RETRY = Duration.ofMillis(20);

  private static final Duration ABORT_RETRY = Duration.ofSeconds(1);

  private final ClusterAgent agent;
  private final InodeObjects inodes;
  private final Broadcast members;
  private final Scheduler scheduler;
  private final OwedTombstones owed;
  private final Set<VdiId> running = new HashSet<>();

  VdiCreation(ClusterAgent agent, InodeObjects inodes, Broadcast members, Scheduler scheduler) {
    this.agent = agent;
    this.inodes = inodes;
    this.members = members;
    this.scheduler = scheduler;
    this.owed = new OwedTombstones(agent, inodes, scheduler);
  }

  CompletionStage<VdiOutcome> create(VdiReserve request) {
    // R4: every member must have frozen the head before anybody may believe that it is
    Extent extent = freezes(request.kind()) ? Extent.EVERY_MEMBER : Extent.QUORUM;
    return agent
        .proposeAndConfirm(request, extent)
        .thenCompose(applied -> reserved(request, applied));
  }

  private static boolean freezes(ReserveKind kind) {
    return kind == ReserveKind.SNAPSHOT || kind == ReserveKind.BRANCH;
  }

  private CompletionStage<VdiOutcome> reserved(VdiReserve request, Applied applied) {
    if (applied.outcome() instanceof Outcome.Refused refused) {
      return refused.code() == ResultCode.AGAIN
          ? later(FROZEN_RETRY).thenCompose(ignored -> create(request))
          : VdiOutcome.refused(refused.code());
    }
    if (!(applied.outcome() instanceof Outcome.Reserved reservation)) {
      return VdiOutcome.refused(ResultCode.SYSTEM_ERROR);
    }
    VdiEntry entry = reservation.entry();
    CompletionStage<ResultCode> written =
        reservation.previousHead().isNone()
            ? writeInode(request, entry)
            : supersede(request, entry, reservation.previousHead());
    return written.thenCompose(
        code ->
            code == ResultCode.SUCCESS
                ? commit(entry)
                : giveUp(entry, reservation.previousHead(), code));
  }

  private CompletionStage<ResultCode> writeInode(VdiReserve request, VdiEntry entry) {
    CompletionStage<ResultCode> created =
        request.base().isNone()
            ? inodes.createEmpty(InodeObjects.header(entry))
            : inodes.createFrom(request.base(), InodeObjects.header(entry));
    return created.thenApply(code -> clientCode(code, ResultCode.VDI_WRITE));
  }

  /** The point in time of a snapshot lies between the end of the drain and the commit (R11). */
  private CompletionStage<ResultCode> supersede(VdiReserve request, VdiEntry entry, VdiId head) {
    CompletionStage<ResultCode> still = Steps.then(members.drain(head), () -> members.sync(head));
    CompletionStage<ResultCode> inode = Steps.then(still, () -> writeInode(request, entry));
    return Steps.then(inode, () -> inodes.setSnapshotTime(head, request.time()))
        .thenApply(code -> clientCode(code, ResultCode.BASE_VDI_WRITE));
  }

  private static ResultCode clientCode(ResultCode code, ResultCode instead) {
    return switch (code) {
      case SUCCESS, BASE_VDI_READ, VDI_WRITE, NO_SPACE -> code;
      default -> instead;
    };
  }

  private CompletionStage<VdiOutcome> commit(VdiEntry entry) {
    return agent
        .proposeAndConfirm(new VdiCommit(entry.vid(), InodeObjects.header(entry)), Extent.QUORUM)
        .thenApply(
            applied -> {
              running.remove(entry.vid());
              return applied.outcome() instanceof Outcome.Refused refused
                  ? new VdiOutcome(refused.code(), null)
                  : VdiOutcome.of(entry);
            });
  }

  private CompletionStage<VdiOutcome> giveUp(VdiEntry entry, VdiId frozen, ResultCode why) {
    undo(entry.vid(), frozen).whenComplete((done, failure) -> running.remove(entry.vid()));
    return VdiOutcome.refused(why);
  }

  /** A reservation of this node was applied. */
  void started(VdiId vid) {
    running.add(vid);
  }

  /**
   * The originator of a reservation is gone and this node has inherited it: undo what it may have
   * written.
   */
  void inherit(VdiId vid, VdiId frozen) {
    if (running.add(vid)) {
      undo(vid, frozen).whenComplete((done, failure) -> running.remove(vid));
    }
  }

  /**
   * Takes back a snapshot time and an inode that may have been written, then ends the freeze.
   * Repeats until it succeeds: a forgotten child would win the name after a restart (R11).
   */
  private CompletionStage<Void> undo(VdiId vid, VdiId frozen) {
    CompletionStage<ResultCode> head =
        frozen.isNone() ? Steps.success() : inodes.setSnapshotTime(frozen, SheepTime.NONE);
    return Steps.then(head, () -> takeBack(vid))
        .thenCompose(
            code -> {
              if (code != ResultCode.SUCCESS) {
                return later(ABORT_RETRY).thenCompose(ignored -> undo(vid, frozen));
              }
              return agent
                  .proposeAndConfirm(new VdiAbort(vid), Extent.QUORUM)
                  .thenApply(applied -> (Void) null);
            });
  }

  /**
   * What a restarted cluster learns of the vid from: that it was used (R15). Without room for that
   * the inode only goes; the directory alone knows of the vid then, and the tombstone is owed.
   */
  private CompletionStage<ResultCode> takeBack(VdiId vid) {
    VdiEntry entry = agent.state().directory().entry(vid);
    if (entry == null) {
      return Steps.success();
    }
    return inodes
        .leaveTombstone(entry)
        .thenCompose(
            code -> {
              if (code != ResultCode.NO_SPACE) {
                return Steps.ended(code);
              }
              owed.add(vid);
              return inodes.withdraw(vid);
            });
  }

  private CompletionStage<Void> later(Duration delay) {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    scheduler.schedule(delay, () -> stage.complete(null));
    return stage;
  }
}
