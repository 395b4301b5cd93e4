package io.sheepdog.core.gateway;

import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One attempt to get an answer from each replica of an object. */
final class ReplicaRound {
  private final List<Replica> replicas;
  private final Targets targets;
  private final WritePolicy policy;
  private final @Nullable ResultCode[] codes;
  private final long[] sums;
  private final CompletableFuture<List<ResultCode>> outcome = new CompletableFuture<>();
  private int open;
  private int succeeded;

  ReplicaRound(List<Replica> replicas, Targets targets, WritePolicy policy) {
    this.replicas = replicas;
    this.targets = targets;
    this.policy = policy;
    codes = new ResultCode[replicas.size()];
    sums = new long[replicas.size()];
    open = replicas.size();
  }

  /** The answers that decide, in replica order: those of all replicas. */
  CompletionStage<List<ResultCode>> outcome() {
    return outcome;
  }

  /** Whether all that carried a copy out say that they had the same to copy. */
  boolean haveCopiedTheSame() {
    long first = 0;
    boolean isFirst = true;
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] == ResultCode.SUCCESS) {
        if (!isFirst && sums[i] != first) {
          return false;
        }
        first = sums[i];
        isFirst = false;
      }
    }
    return true;
  }

  /** A replica answered, or its call failed in this node. */
  void answered(int index, @Nullable Reply reply, @Nullable Throwable failure) {
    if (reply != null) {
      ResultCode code = PeerCalls.codeOf(reply);
      if (codes[index] == null && reply.header().body() instanceof PeerReply body) {
        sums[index] = body.aux();
      }
      reply.release();
      put(index, code);
    } else {
      open--;
      outcome.completeExceptionally(
          failure == null ? new IllegalStateException("a replica gave no reply") : failure);
    }
  }

  /**
   * The answers of nodes that are no members any more are not waited for: they count as not
   * reached.
   */
  void abandonDeparted() {
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] == null && !targets.isMember(replicas.get(i))) {
        put(i, ResultCode.NETWORK_ERROR);
      }
    }
  }

  private void put(int index, ResultCode code) {
    if (codes[index] != null) {
      return;
    }
    codes[index] = code;
    open--;
    if (code == ResultCode.SUCCESS) {
      succeeded++;
    }
    boolean noneRefused = succeeded == codes.length - open;
    if (open == 0 || (noneRefused && policy.acknowledges(succeeded, codes.length))) {
      outcome.complete(answers());
    }
  }

  private List<ResultCode> answers() {
    return Arrays.stream(codes).filter(code -> code != null).toList();
  }
}
