package io.sheepdog.core.volume;

import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Deleting and retiring. A deletion is ordered first (the name is free at once, the lock rule of
 * R13 decided in order), then the inode loses its name durably, then the client is answered; the
 * space comes back in the background by {@link Sweep}. No step needs room on a disk, so that a full
 * one can be emptied. Whoever inherits the deletion of a dead originator does the same steps again.
 */
final class VdiDeletion {
  private static final Duration RETRY = Duration.ofMillis(500);

  private final ClusterAgent agent;
  private final InodeObjects inodes;
  private final Broadcast members;
  private final Sweep sweep;
  private final Scheduler scheduler;
  private final Clock clock;
  private final Set<VdiId> running = new HashSet<>();

  VdiDeletion(
      ClusterAgent agent,
      InodeObjects inodes,
      Broadcast members,
      Sweep sweep,
      Scheduler scheduler,
      Clock clock) {
    this.agent = agent;
    this.inodes = inodes;
    this.members = members;
    this.sweep = sweep;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  CompletionStage<VdiOutcome> delete(VdiEntry entry, String client) {
    return agent
        .proposeAndConfirm(new VdiDelete(entry.vid(), client), Extent.EVERY_MEMBER)
        .thenCompose(
            applied -> {
              if (applied.outcome() instanceof Outcome.Refused refused) {
                return refused.code() == ResultCode.AGAIN
                    ? later().thenCompose(ignored -> delete(entry, client))
                    : VdiOutcome.refused(refused.code());
              }
              return bury(entry)
                  .thenApply(
                      ignored -> {
                        purge(entry.vid());
                        return VdiOutcome.of(entry);
                      });
            });
  }

  /**
   * QEMU's "go to snapshot": the head stays as a safety snapshot and the name waits for its next
   * head (R13).
   */
  CompletionStage<VdiOutcome> retire(VdiEntry head, String client) {
    SheepTime now = clock.wallTime();
    return agent
        .proposeAndConfirm(new VdiRetire(head.vid(), now, client), Extent.EVERY_MEMBER)
        .thenCompose(
            applied -> {
              if (applied.outcome() instanceof Outcome.Refused refused) {
                return refused.code() == ResultCode.AGAIN
                    ? later().thenCompose(ignored -> retire(head, client))
                    : VdiOutcome.refused(refused.code());
              }
              return Steps.then(
                      Steps.then(members.drain(head.vid()), () -> members.sync(head.vid())),
                      () -> inodes.setSnapshotTime(head.vid(), now))
                  .thenApply(
                      code ->
                          code == ResultCode.SUCCESS
                              ? VdiOutcome.of(head)
                              : new VdiOutcome(ResultCode.VDI_WRITE, null));
            });
  }

  /** A deletion of this node was applied. */
  void started(VdiId vid) {
    running.add(vid);
  }

  /**
   * The originator of a deletion is gone and this node has inherited it, or it has to begin once
   * more.
   */
  void inherit(VdiEntry entry) {
    if (running.add(entry.vid())) {
      bury(entry).thenRun(() -> purge(entry.vid()));
    }
  }

  private CompletionStage<Void> bury(VdiEntry entry) {
    // writes that were admitted before the deletion was ordered must not land after the inode was
    // emptied
    return members
        .drain(entry.vid())
        .thenCompose(
            drained ->
                drained == ResultCode.SUCCESS
                    ? sweep.noteIndex(entry).thenCompose(noted -> inodes.bury(entry))
                    : Steps.ended(drained))
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? CompletableFuture.<Void>completedFuture(null)
                    : later().thenCompose(ignored -> bury(entry)));
  }

  private void purge(VdiId vid) {
    int dead = agent.state().directory().deadInFamily(vid);
    boolean held = agent.state().locks().of(vid) != null;
    Epoch epoch = agent.state().epoch();
    Steps.then(sweep.family(vid), () -> held ? Steps.success() : forget(vid))
        .whenComplete(
            (code, failure) -> {
              if (failure == null && code == ResultCode.SUCCESS) {
                agent
                    .propose(new VdiPurged(vid, dead, held, epoch))
                    .whenComplete(
                        (applied, broken) -> {
                          if (broken == null
                              && applied.outcome() instanceof Outcome.Refused refused
                              && refused.code() == ResultCode.AGAIN) {
                            scheduler.schedule(RETRY, () -> purge(vid));
                          } else {
                            running.remove(vid);
                          }
                        });
              } else {
                scheduler.schedule(RETRY, () -> purge(vid));
              }
            });
  }

  private CompletionStage<ResultCode> forget(VdiId vid) {
    VdiEntry buried = agent.state().directory().entry(vid);
    return buried == null ? Steps.success() : inodes.forget(buried);
  }

  private CompletionStage<Void> later() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    scheduler.schedule(RETRY, () -> stage.complete(null));
    return stage;
  }
}
