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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  /** Whose inodes are empty, until everything of them is given back. */
  private final Set<VdiId> buried = new HashSet<>();

  /** While a family is being swept, by its oldest ancestor: for whom it is to be swept next. */
  private final Map<VdiId, TreeSet<VdiId>> waiting = new HashMap<>();

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
    buried.add(vid);
    sweepSoon(vid);
  }

  /** One sweep of a family at a time; all vids of it that are buried meanwhile share the next. */
  private void sweepSoon(VdiId vid) {
    VdiId oldest = agent.state().directory().oldestAncestor(vid);
    TreeSet<VdiId> next = waiting.get(oldest);
    if (next != null) {
      next.add(vid);
      return;
    }
    waiting.put(oldest, new TreeSet<>());
    sweepFor(oldest, new TreeSet<>(Set.of(vid)));
  }

  private void sweepFor(VdiId oldest, TreeSet<VdiId> vids) {
    int dead = agent.state().directory().deadInFamily(oldest);
    Epoch epoch = agent.state().epoch();
    Set<VdiId> held = new HashSet<>(vids);
    held.removeIf(vid -> agent.state().locks().of(vid) == null);
    sweep
        .family(vids.last(), Set.copyOf(buried))
        .whenComplete(
            (code, failure) -> {
              for (VdiId vid : vids) {
                if (failure == null && code == ResultCode.SUCCESS) {
                  end(new VdiPurged(vid, dead, held.contains(vid), epoch));
                } else {
                  scheduler.schedule(RETRY, () -> sweepSoon(vid));
                }
              }
              TreeSet<VdiId> next = waiting.remove(oldest);
              if (next != null && !next.isEmpty()) {
                waiting.put(oldest, new TreeSet<>());
                sweepFor(oldest, next);
              }
            });
  }

  private void end(VdiPurged event) {
    VdiId vid = event.vid();
    (event.held() ? Steps.success() : forget(vid))
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? agent
                        .propose(event)
                        .handle((applied, broken) -> broken == null && isRefused(applied.outcome()))
                    : CompletableFuture.completedFuture(true))
        .whenComplete(
            (again, failure) -> {
              if (failure != null || again) {
                scheduler.schedule(RETRY, () -> sweepSoon(vid));
              } else {
                buried.remove(vid);
                running.remove(vid);
              }
            });
  }

  private static boolean isRefused(Outcome outcome) {
    return outcome instanceof Outcome.Refused refused && refused.code() == ResultCode.AGAIN;
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
