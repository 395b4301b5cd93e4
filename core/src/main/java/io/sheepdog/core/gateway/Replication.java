package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.Request;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Carries a change of an object out on all its replicas, in whichever epoch that succeeds. */
final class Replication {
  private final Targets targets;
  private final PeerCalls peers;
  private final ReplicaService local;
  private final RetryGate retries;
  private final WritePolicy policy;
  private final WritesInFlight inFlight;
  private final WriteNumbers numbers = new WriteNumbers();
  private final Set<ReplicaRound> rounds = new LinkedHashSet<>();

  Replication(
      ClusterView cluster,
      Targets targets,
      PeerCalls peers,
      ReplicaService local,
      RetryGate retries,
      WritePolicy policy,
      WritesInFlight inFlight) {
    this.targets = targets;
    this.peers = peers;
    this.local = local;
    this.retries = retries;
    this.policy = policy;
    this.inFlight = inFlight;
    cluster.addListener(
        (before, after, sender, event, outcome) -> {
          if (before.members() != after.members()) {
            List.copyOf(rounds).forEach(ReplicaRound::abandonDeparted);
          }
        });
  }

  /**
   * How a change ended.
   *
   * @param code SUCCESS, or a code for the client
   * @param replicas who carried it out; empty unless SUCCESS
   */
  record Result(ResultCode code, List<Replica> replicas) {
    static Result failed(ResultCode code) {
      return new Result(code, List.of());
    }
  }

  /**
   * Another change of the same object, in place of one that some replica could not carry out.
   *
   * @param code SUCCESS, or why there is none
   * @param change when SUCCESS
   * @param payload its payload; owned by the receiver
   */
  record Instead(ResultCode code, @Nullable Change change, ByteBuf payload) {}

  /** Finds out what to do instead of a copy. */
  interface Fallback {
    CompletionStage<Instead> prepare();
  }

  /** Carries out a change; the payload is retained as long as it is needed. */
  CompletionStage<Result> run(Change change, ByteBuf payload) {
    return run(
        change,
        payload,
        () ->
            CompletableFuture.completedFuture(
                new Instead(ResultCode.SYSTEM_ERROR, null, Unpooled.EMPTY_BUFFER)));
  }

  /**
   * The same for a copy.
   *
   * @param fallback asked when a replica has nothing to copy, or not the same as others
   */
  CompletionStage<Result> run(Change change, ByteBuf payload, Fallback fallback) {
    Running running = new Running(change, payload.retain(), fallback, numbers.next());
    ObjectId oid = change.oid();
    inFlight.begin(oid);
    CompletionStage<Result> ended =
        running.result.whenComplete(
            (r, failure) -> {
              running.ticket.end();
              inFlight.end(oid);
              running.payload.release();
              if (running.mayHaveLeftADifference(r)) {
                local.suspect(oid);
              }
            });
    running.attempt();
    return ended;
  }

  /** One change, over as many attempts and epochs as it takes. */
  private final class Running {
    private final Fallback fallback;
    private Change change;
    private ByteBuf payload;
    private final WriteNumbers.Ticket ticket;
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private int tried;

    /** Whether a replica may have carried it out: then it goes on until all have (R12). */
    private boolean begun;

    Running(Change change, ByteBuf payload, Fallback fallback, WriteNumbers.Ticket ticket) {
      this.change = change;
      this.payload = payload;
      this.fallback = fallback;
      this.ticket = ticket;
    }

    /** Whether some replicas may have it, and others have refused it for good. */
    boolean mayHaveLeftADifference(@Nullable Result ended) {
      return begun && !change.isRemoval() && (ended == null || ended.code() != ResultCode.SUCCESS);
    }

    void attempt() {
      if (retries.isClosed()) {
        result.complete(Result.failed(ResultCode.SHUTDOWN));
      } else if (!begun && local.isFenced(change.oid().vid(), change.generation())) {
        result.complete(Result.failed(ResultCode.VDI_LOCKED));
      } else if (!retries.isOpen()) {
        retry();
      } else {
        List<Replica> replicas =
            change.isRemoval() && targets.mayBeElsewhere()
                ? targets.everywhere()
                : targets.of(change.oid(), change.copies());
        if (replicas.isEmpty() || (!begun && areTooFew(replicas))) {
          result.complete(Result.failed(ResultCode.HALT));
        } else {
          round(replicas);
        }
      }
    }

    /**
     * Whether a client's write would have fewer copies than strict mode wants; zones may be lost.
     */
    private boolean areTooFew(List<Replica> replicas) {
      return change.generation() != 0 && targets.areTooFew(change.oid(), replicas.size());
    }

    private void retry() {
      retries.later(tried++, this::attempt);
    }

    private void round(List<Replica> replicas) {
      ReplicaRound round = new ReplicaRound(replicas, targets, policy);
      rounds.add(round);
      round
          .outcome()
          .whenComplete(
              (codes, failure) -> {
                rounds.remove(round);
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  judge(codes, replicas, round);
                }
              });
      int settled = numbers.settled();
      for (int i = 0; i < replicas.size(); i++) {
        int index = i;
        Replica replica = replicas.get(i);
        peers
            .send(replica, request(replica, settled, replicas.size() > 1), payload)
            .whenComplete((reply, failure) -> round.answered(index, reply, failure));
      }
    }

    private Request request(Replica replica, int settled, boolean areMany) {
      return change.request(replica.incarnation(), ticket.number(), settled, areMany);
    }

    private void judge(List<ResultCode> codes, List<Replica> replicas, ReplicaRound round) {
      begun |= !codes.stream().allMatch(PeerCalls::isUntouched);
      ResultCode code = change.judge(codes, tried);
      if (code == ResultCode.SUCCESS
          && change.source() != null
          && policy.comparesWhatWasCopied()
          && !round.haveCopiedTheSame()) {
        code = ResultCode.STALE_OBJ;
      }
      end(code, replicas);
    }

    private void end(ResultCode code, List<Replica> replicas) {
      if (PeerCalls.isPassing(code)) {
        retry();
      } else if (code == ResultCode.STALE_OBJ && change.source() != null) {
        fallBack();
      } else if (code == ResultCode.SUCCESS && areTooFew(replicas)) {
        // those who have it are the same, and it stays; but nobody is told that it is safe
        result.complete(Result.failed(ResultCode.HALT));
      } else {
        result.complete(
            code == ResultCode.SUCCESS ? new Result(code, replicas) : Result.failed(code));
      }
    }

    private void fallBack() {
      fallback
          .prepare()
          .whenComplete(
              (instead, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else if (instead.change() == null) {
                  instead.payload().release();
                  result.complete(Result.failed(instead.code()));
                } else {
                  payload.release();
                  change = instead.change();
                  payload = instead.payload();
                  attempt();
                }
              });
    }
  }
}
