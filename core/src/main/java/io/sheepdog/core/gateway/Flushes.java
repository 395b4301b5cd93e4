package io.sheepdog.core.gateway;

import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * FLUSH_VDI: makes durable what was acknowledged (P1, R9). Flushes of one vid that overlap share
 * the work: one that comes while another is under way waits for that one, and for one more if
 * something was written since.
 */
final class Flushes {
  private final FlushRound.Factory rounds;
  private final Unflushed unflushed;
  private final Map<VdiId, Running> running = new HashMap<>();

  /** Vids of which a flush that nobody waited for failed; the next client that flushes is told. */
  private final Set<VdiId> failed = new HashSet<>();

  /** Vids that each open session has flushed at least once. */
  private final Map<ClientSession, Set<VdiId>> known = new HashMap<>();

  /** Flushes of one vid. */
  private static final class Running {
    private final CompletableFuture<ResultCode> now;
    private @Nullable CompletableFuture<ResultCode> next;

    Running(CompletableFuture<ResultCode> now) {
      this.now = now;
    }
  }

  Flushes(ClusterView cluster, FlushRound.Factory rounds) {
    this.rounds = rounds;
    unflushed = new Unflushed(cluster, this::flushUnasked);
  }

  /** Where writes that are not durable are noted. */
  Unflushed unflushed() {
    return unflushed;
  }

  /**
   * Makes durable what the session had acknowledged: of this vid, and of all others that it wrote
   * to. The first flush of a vid by a session asks all nodes, because the client may have written
   * through another gateway before.
   */
  CompletionStage<ResultCode> flush(ClientSession session, VdiId vid) {
    Set<VdiId> vids = unflushed.vidsOf(session);
    vids.add(vid);
    boolean first = !session.isClosed() && knownTo(session).add(vid);
    List<CompletionStage<ResultCode>> flushes = new ArrayList<>();
    for (VdiId written : vids) {
      flushes.add(flush(written, first && written.equals(vid)));
    }
    CompletionStage<ResultCode> all = CompletableFuture.completedFuture(ResultCode.SUCCESS);
    for (CompletionStage<ResultCode> one : flushes) {
      all = all.thenCombine(one, (a, b) -> a == ResultCode.SUCCESS ? b : a);
    }
    return all;
  }

  private Set<VdiId> knownTo(ClientSession session) {
    Set<VdiId> vids = known.get(session);
    if (vids != null) {
      return vids;
    }
    Set<VdiId> created = new HashSet<>();
    known.put(session, created);
    session.onClose(() -> known.remove(session));
    return created;
  }

  private CompletionStage<ResultCode> flush(VdiId vid, boolean everywhere) {
    Running current = running.get(vid);
    if (current != null) {
      if (!unflushed.has(vid) && !everywhere) {
        return current.now.thenApply(code -> afterUnasked(vid, code));
      }
      if (current.next == null) {
        current.next = new CompletableFuture<>();
      }
      return current.next.thenApply(code -> afterUnasked(vid, code));
    }
    if (!unflushed.has(vid) && !everywhere) {
      return CompletableFuture.completedFuture(afterUnasked(vid, ResultCode.SUCCESS));
    }
    CompletableFuture<ResultCode> now = new CompletableFuture<>();
    begin(vid, now, everywhere);
    return now.thenApply(code -> afterUnasked(vid, code));
  }

  private void begin(VdiId vid, CompletableFuture<ResultCode> now, boolean everywhere) {
    Running current = new Running(now);
    running.put(vid, current);
    rounds
        .create(vid, unflushed.take(vid), everywhere)
        .run()
        .whenComplete(
            (code, failure) -> {
              running.remove(vid);
              if (current.next != null) {
                begin(vid, current.next, true);
              }
              if (failure != null) {
                now.completeExceptionally(failure);
              } else {
                now.complete(code);
              }
            });
  }

  /** A flush on behalf of nobody in particular. */
  private void flushUnasked(VdiId vid) {
    if (running.containsKey(vid) || !unflushed.has(vid)) {
      return;
    }
    CompletableFuture<ResultCode> now = new CompletableFuture<>();
    now.whenComplete(
        (code, failure) -> {
          if (failure != null || code != ResultCode.SUCCESS) {
            failed.add(vid);
          }
        });
    begin(vid, now, false);
  }

  private ResultCode afterUnasked(VdiId vid, ResultCode code) {
    return failed.remove(vid) && code == ResultCode.SUCCESS ? ResultCode.EIO : code;
  }
}
