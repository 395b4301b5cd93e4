package io.sheepdog.core.gateway;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.Grant;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets a client's writes to a VDI begin: only to a working VDI that is not frozen (R11), by a
 * session that may write (R12), with enough zones. Writes to a frozen VDI wait here; what waits is
 * bounded by what the server accepts from its connections.
 */
final class Admission {
  private final ClusterView cluster;
  private final Targets targets;
  private final WritesInFlight inFlight;
  private final WriteGrants grants;
  private final WritePolicy policy;
  private final Map<VdiId, ArrayDeque<Runnable>> parked = new LinkedHashMap<>();

  Admission(
      ClusterView cluster,
      Targets targets,
      WritesInFlight inFlight,
      WriteGrants grants,
      WritePolicy policy) {
    this.cluster = cluster;
    this.targets = targets;
    this.inFlight = inFlight;
    this.grants = grants;
    this.policy = policy;
    cluster.addListener(
        (before, after, sender, event, outcome) -> {
          if (before.directory() != after.directory()) {
            resume();
          }
        });
  }

  /**
   * Runs {@code write} under the session's lock once the VDI takes writes; it counts as in flight
   * until its stage ends.
   */
  CompletionStage<ResultCode> withGrant(
      ClientSession session,
      VdiId vid,
      ObjectKind kind,
      Function<Grant, CompletionStage<ResultCode>> write) {
    return whenOpen(vid, () -> grants.authorize(session, vid, kind), write);
  }

  /** The same for writes that any client may make, whoever holds the lock (R14). */
  CompletionStage<ResultCode> withoutGrant(VdiId vid, Supplier<CompletionStage<ResultCode>> write) {
    Grant none = new Grant(ResultCode.SUCCESS, 0);
    return whenOpen(vid, () -> CompletableFuture.completedFuture(none), grant -> write.get());
  }

  private CompletionStage<ResultCode> whenOpen(
      VdiId vid,
      Supplier<CompletionStage<Grant>> ask,
      Function<Grant, CompletionStage<ResultCode>> write) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    enter(vid, ask, write, result);
    return result;
  }

  private void enter(
      VdiId vid,
      Supplier<CompletionStage<Grant>> ask,
      Function<Grant, CompletionStage<ResultCode>> write,
      CompletableFuture<ResultCode> result) {
    if (mustWait(vid)) {
      parked
          .computeIfAbsent(vid, v -> new ArrayDeque<>())
          .add(() -> enter(vid, ask, write, result));
      return;
    }
    ResultCode refusal = refusal(vid);
    if (refusal != ResultCode.SUCCESS) {
      result.complete(refusal);
      return;
    }
    ask.get()
        .whenComplete(
            (grant, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (mustWait(vid) || refusal(vid) != ResultCode.SUCCESS) {
                // the VDI changed while the lock was asked for
                enter(vid, ask, write, result);
              } else if (grant.code() != ResultCode.SUCCESS) {
                result.complete(grant.code());
              } else {
                begin(vid, grant, write, result);
              }
            });
  }

  private void begin(
      VdiId vid,
      Grant grant,
      Function<Grant, CompletionStage<ResultCode>> write,
      CompletableFuture<ResultCode> result) {
    inFlight.enter(vid, grant.generation());
    CompletionStage<ResultCode> running;
    try {
      running = write.apply(grant);
    } catch (RuntimeException e) {
      running = CompletableFuture.failedFuture(e);
    }
    running.whenComplete(
        (code, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(code);
          }
          inFlight.leave(vid, grant.generation());
        });
  }

  /**
   * Whether a snapshot of the VDI, or the VDI itself, is being made: how that ends decides what
   * writes get.
   */
  private boolean mustWait(VdiId vid) {
    VdiDirectory directory = cluster.state().directory();
    VdiEntry entry = directory.entry(vid);
    if (entry == null) {
      return false;
    }
    return entry.state() == VdiEntry.State.RESERVED
        || (policy.respectsFreeze() && directory.isFrozen(vid));
  }

  private ResultCode refusal(VdiId vid) {
    VdiDirectory directory = cluster.state().directory();
    VdiEntry entry = directory.entry(vid);
    if (entry == null) {
      return ResultCode.NO_OBJ;
    }
    return switch (entry.state()) {
      case HEAD -> enoughZones(entry);
      // QEMU repeats for ever unless it then finds another head (spec/client-behaviour.md section
      // 1.5)
      case SNAPSHOT ->
          directory.head(entry.name()) == null ? ResultCode.NO_VDI : ResultCode.READONLY;
      case RESERVED -> ResultCode.NO_OBJ;
      case DELETING, TOMBSTONE -> afterDeletion(vid);
    };
  }

  /**
   * The holder of a lock may have been told neither that its vid became a snapshot nor that this
   * was deleted since: READONLY makes it look for its new vid. Without a head to find it would
   * repeat for ever.
   */
  private ResultCode afterDeletion(VdiId vid) {
    VdiLock lock = cluster.state().locks().of(vid);
    if (lock == null) {
      return ResultCode.NO_OBJ;
    }
    VdiEntry head = cluster.state().directory().entry(lock.head());
    return head != null && head.state() == VdiEntry.State.HEAD
        ? ResultCode.READONLY
        : ResultCode.NO_VDI;
  }

  private ResultCode enoughZones(VdiEntry entry) {
    Ring ring = targets.ring();
    ClusterConfig config = cluster.state().config();
    boolean strict = config != null && (config.flags() & ClusterFlags.STRICT) != 0;
    return ring.isEmpty() || (strict && ring.zones() < entry.copies())
        ? ResultCode.HALT
        : ResultCode.SUCCESS;
  }

  private void resume() {
    List<VdiId> ready = new ArrayList<>();
    for (VdiId vid : parked.keySet()) {
      if (!mustWait(vid)) {
        ready.add(vid);
      }
    }
    for (VdiId vid : ready) {
      ArrayDeque<Runnable> queue = parked.remove(vid);
      while (queue != null && !queue.isEmpty()) {
        queue.remove().run();
      }
    }
  }
}
