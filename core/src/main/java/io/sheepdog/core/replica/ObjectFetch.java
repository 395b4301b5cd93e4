package io.sheepdog.core.replica;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Brings objects here that belong here since the last epoch change; a bounded number of objects and
 * bytes at a time, each object whole in memory. Background recovery keeps to a part of that, so an
 * object that somebody waits for need not queue behind it.
 */
final class ObjectFetch {
  /** Twice what recovery asks for at most. */
  private static final int PARALLEL = 16;

  private static final long MAX_BYTES = 64L << 20;

  private final CopyTransfer.Tools tools;
  private final RecoveryPolicy policy;
  private final ArrayDeque<Wanted> queue = new ArrayDeque<>();
  private int running;
  private long bytes;

  private record Wanted(ObjectId oid, long size, CompletableFuture<ResultCode> result) {}

  ObjectFetch(CopyTransfer.Tools tools, RecoveryPolicy policy) {
    this.tools = tools;
    this.policy = policy;
  }

  /**
   * Gets the newest copy that any member has and makes it this node's, durably. SUCCESS; NO_OBJ
   * when the object exists nowhere; NETWORK_ERROR when a member that may have a newer copy is not
   * to be reached or gone (R6); or what kept it from being stored.
   */
  CompletionStage<ResultCode> ensure(ObjectId oid) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    ObjectAttributes shape = tools.shapes().of(oid);
    queue.add(new Wanted(oid, shape == null ? 0 : shape.size(), result));
    startNext();
    return result;
  }

  private void startNext() {
    while (running < PARALLEL && !queue.isEmpty() && hasRoomFor(queue.element())) {
      start(queue.remove());
    }
  }

  private boolean hasRoomFor(Wanted next) {
    return running == 0 || bytes + next.size() <= MAX_BYTES;
  }

  private void start(Wanted wanted) {
    running++;
    bytes += wanted.size();
    CompletableFuture<ResultCode> result = wanted.result();
    new CopySearch(tools, policy, wanted.oid())
        .run()
        .whenComplete(
            (code, failure) -> {
              running--;
              bytes -= wanted.size();
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(code);
              }
              startNext();
            });
  }
}
