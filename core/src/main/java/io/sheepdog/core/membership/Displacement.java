package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sets aside the objects that this node holds and is not a target of any more (R6: nothing is
 * removed here; recovery reads the copies and purges them when every new home has its own).
 *
 * <p>Every epoch between the last one served and the newest counts, the ones that were skipped too:
 * a copy that was not a target in one of them may have missed writes.
 */
final class Displacement {
  private static final int AT_A_TIME = 256;

  private final ObjectStore objects;
  private final NodeAddress self;
  private final long storeId;

  Displacement(ObjectStore objects, NodeAddress self, long storeId) {
    this.objects = objects;
    this.self = self;
    this.storeId = storeId;
  }

  /**
   * Sets aside what has to go before the newest epoch of {@code state} is served.
   *
   * @param served the last epoch of which the local copies are current
   * @return OK, or how the first failing operation ended
   */
  CompletionStage<StoreStatus> run(ClusterState state, Epoch served) {
    List<EpochRecord> since =
        state.history().stream().filter(record -> record.epoch().isNewerThan(served)).toList();
    if (since.isEmpty()) {
      return CompletableFuture.completedFuture(StoreStatus.OK);
    }
    boolean isGap = !since.get(0).epoch().equals(served.next());
    List<Ring> rings = since.stream().map(this::ring).toList();
    Deque<ObjectId> displaced = new ArrayDeque<>();
    Deque<Epoch> lastValid = new ArrayDeque<>();
    for (ObjectId oid : objects.objects()) {
      Epoch valid = isGap ? served : lastValid(state, since, rings, oid, served);
      if (valid != null) {
        displaced.add(oid);
        lastValid.add(valid);
      }
    }
    return setAside(displaced, lastValid);
  }

  /** The ring of an epoch; empty if this store was no part of it (R2). */
  private Ring ring(EpochRecord record) {
    boolean takesPart =
        record.nodes().stream()
            .anyMatch(node -> node.storeId() == storeId && node.node().address().equals(self));
    return takesPart ? Rings.build(record) : Ring.of(List.of());
  }

  /** The epoch before the first in which this node is no target; null if it always is one. */
  private @Nullable Epoch lastValid(
      ClusterState state, List<EpochRecord> since, List<Ring> rings, ObjectId oid, Epoch served) {
    Epoch valid = served;
    for (int i = 0; i < rings.size(); i++) {
      int copies = Math.max(1, state.copiesIn(oid, since.get(i).epoch()));
      if (!rings.get(i).targets(oid, copies).contains(self)) {
        return valid;
      }
      valid = since.get(i).epoch();
    }
    return null;
  }

  /** Some at a time: a store refuses far more than its disk works off. */
  private CompletionStage<StoreStatus> setAside(Deque<ObjectId> oids, Deque<Epoch> lastValid) {
    CompletionStage<StoreStatus> done = CompletableFuture.completedFuture(StoreStatus.OK);
    for (int i = 0; i < AT_A_TIME && !oids.isEmpty(); i++) {
      CompletionStage<StoreStatus> one = objects.setAside(oids.remove(), lastValid.remove());
      done = done.thenCombine(one, Displacement::worse);
    }
    return oids.isEmpty()
        ? done
        : done.thenCompose(
            status ->
                status == StoreStatus.OK
                    ? setAside(oids, lastValid)
                    : CompletableFuture.completedFuture(status));
  }

  private static StoreStatus worse(StoreStatus before, StoreStatus now) {
    return before != StoreStatus.OK || now == StoreStatus.NO_OBJECT ? before : now;
  }
}
