package io.sheepdog.core.replica;

import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Brings objects here that belong here since the last epoch change; a bounded number at a time,
 * each whole in memory.
 */
final class ObjectFetch {
  private static final int PARALLEL = 4;

  private final ClusterView cluster;
  private final ObjectStore store;
  private final LocalCopies copies;
  private final ObjectShapes shapes;
  private final Transport transport;
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private int running;

  ObjectFetch(
      ClusterView cluster,
      ObjectStore store,
      LocalCopies copies,
      ObjectShapes shapes,
      Transport transport) {
    this.cluster = cluster;
    this.store = store;
    this.copies = copies;
    this.shapes = shapes;
    this.transport = transport;
  }

  /**
   * Gets the newest copy that any member has and makes it this node's, durably. SUCCESS; NO_OBJ
   * when the object exists nowhere; NETWORK_ERROR when a member that may have a newer copy is not
   * to be reached or gone (R6); or what kept it from being stored.
   */
  CompletionStage<ResultCode> ensure(ObjectId oid) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    queue.add(() -> start(oid, result));
    startNext();
    return result;
  }

  private void startNext() {
    while (running < PARALLEL && !queue.isEmpty()) {
      running++;
      queue.remove().run();
    }
  }

  private void start(ObjectId oid, CompletableFuture<ResultCode> result) {
    new CopySearch(cluster, store, copies, shapes, transport, oid)
        .run()
        .whenComplete(
            (code, failure) -> {
              running--;
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(code);
              }
              startNext();
            });
  }
}
