package io.sheepdog.core.replica;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Lets the operations on an object pass to the store in the order in which they came, and holds
 * them up while the object is being looked for: after an epoch changed, an object may have moved
 * here without its bytes.
 */
final class ObjectGate {
  private static final Epoch FIRST = new Epoch(1);

  private final ClusterView cluster;
  private final LocalCopies copies;
  private final ObjectFetch fetch;
  private final Map<ObjectId, ArrayDeque<Consumer<ResultCode>>> waiting = new HashMap<>();
  private final Map<ObjectId, Integer> creating = new HashMap<>();
  private boolean mayLackCopies;

  ObjectGate(ClusterView cluster, LocalCopies copies, ObjectFetch fetch) {
    this.cluster = cluster;
    this.copies = copies;
    this.fetch = fetch;
  }

  /**
   * Runs {@code action} when its turn has come: with SUCCESS when the object is here as far as it
   * exists anywhere (or {@code needsCopy} is false), else with the reason, which may be one to try
   * again.
   */
  void pass(ObjectId oid, boolean needsCopy, Consumer<ResultCode> action) {
    ArrayDeque<Consumer<ResultCode>> queue = waiting.get(oid);
    if (queue != null) {
      queue.add(needsCopy ? action : code -> action.accept(ResultCode.SUCCESS));
    } else if (!needsCopy || isFirstEpoch() || creating.containsKey(oid) || copies.isCurrent(oid)) {
      action.accept(ResultCode.SUCCESS);
    } else {
      queue = new ArrayDeque<>();
      queue.add(action);
      waiting.put(oid, queue);
      find(oid)
          .whenComplete(
              (code, failure) -> open(oid, failure == null ? code : ResultCode.SYSTEM_ERROR));
    }
  }

  /**
   * Like {@link #pass} for somebody who only wants the object here: AGAIN while it is being
   * created, because that creation may be of an earlier epoch.
   */
  void bring(ObjectId oid, Consumer<ResultCode> action) {
    if (creating.containsKey(oid)) {
      action.accept(ResultCode.AGAIN);
    } else {
      pass(oid, true, action);
    }
  }

  /**
   * Sets the copy here aside if it is not up to date. Does nothing to an object that somebody uses
   * or creates: that one is looked after, and what is created meanwhile must not be set aside for
   * what was here before.
   */
  CompletionStage<StoreStatus> settle(ObjectId oid) {
    if (waiting.containsKey(oid) || creating.containsKey(oid)) {
      return CompletableFuture.completedFuture(StoreStatus.OK);
    }
    waiting.put(oid, new ArrayDeque<>());
    return copies
        .settle(oid)
        .whenComplete(
            (status, failure) ->
                // who came meanwhile asks again
                open(oid, status == StoreStatus.OK ? ResultCode.SUCCESS : ResultCode.AGAIN));
  }

  /** Whether the object is being created. */
  boolean isCreating(ObjectId oid) {
    return creating.containsKey(oid);
  }

  /** The objects that are being created. */
  Set<ObjectId> creating() {
    return Set.copyOf(creating.keySet());
  }

  /** A creation was handed to the store: what comes after it finds the object. */
  void creationStarted(ObjectId oid) {
    creating.merge(oid, 1, Integer::sum);
  }

  /** The store is done with it. */
  void creationEnded(ObjectId oid, boolean created, Epoch epoch) {
    creating.computeIfPresent(oid, (o, n) -> n == 1 ? null : n - 1);
    if (created) {
      copies.created(oid, epoch);
    }
  }

  /** All nodes had ended: a creation may have reached some of its homes only. */
  void clusterStarted() {
    mayLackCopies = true;
  }

  /** In the first epoch nothing has moved yet. */
  private boolean isFirstEpoch() {
    return !mayLackCopies && !cluster.servingEpoch().isNewerThan(FIRST);
  }

  private CompletionStage<ResultCode> find(ObjectId oid) {
    return copies
        .settle(oid)
        .thenCompose(
            status ->
                status == StoreStatus.NO_OBJECT
                    ? fetch.ensure(oid)
                    : CompletableFuture.completedFuture(ReplicaService.toResult(status)));
  }

  private void open(ObjectId oid, ResultCode found) {
    ResultCode code = found == ResultCode.NO_OBJ ? ResultCode.SUCCESS : found;
    ArrayDeque<Consumer<ResultCode>> queue = waiting.remove(oid);
    while (queue != null && !queue.isEmpty()) {
      queue.remove().accept(code);
    }
  }
}
