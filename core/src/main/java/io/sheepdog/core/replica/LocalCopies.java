package io.sheepdog.core.replica;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Tells which copies in this node's store are up to date.
 *
 * <p>A copy gets every write of the epochs in which this node is one of the object's targets, and
 * none of the others. So the copy is good up to the last epoch before the first one, after its
 * creation, that placed the object elsewhere. The agent sets such copies aside before an epoch is
 * served; caught here are those that were still being created then. What was found is remembered
 * for the objects used last.
 */
final class LocalCopies {
  private static final int REMEMBERED = 1 << 16;

  private final ClusterView cluster;
  private final ObjectStore store;
  private final ObjectShapes shapes;
  private final Map<ObjectId, Epoch> current =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Epoch> eldest) {
          return size() > REMEMBERED;
        }
      };

  LocalCopies(ClusterView cluster, ObjectStore store, ObjectShapes shapes) {
    this.cluster = cluster;
    this.store = store;
    this.shapes = shapes;
  }

  /**
   * How far a copy is good.
   *
   * @param status OK, NO_OBJECT, or what kept the store from telling
   * @param lastValid newest epoch whose writes are all in it; ZERO unless OK
   */
  record Validity(StoreStatus status, Epoch lastValid) {
    static final Validity NONE = new Validity(StoreStatus.NO_OBJECT, Epoch.ZERO);
  }

  /**
   * A piece of the best copy here.
   *
   * @param validity of that copy
   * @param data the bytes when OK; owned by the receiver
   */
  record Piece(Validity validity, ReadOutcome data) {
    static Piece none(Validity validity) {
      return new Piece(validity, ReadOutcome.failed(validity.status()));
    }
  }

  /** Whether an up-to-date copy is known to be here, without I/O. */
  boolean isCurrent(ObjectId oid) {
    if (!store.holds(oid)) {
      return false;
    }
    Epoch known = current.get(oid);
    return known != null && known.equals(cluster.servingEpoch());
  }

  /** A copy was made here, up to date in that epoch. */
  void created(ObjectId oid, Epoch epoch) {
    current.put(oid, epoch);
  }

  /** The cluster was formatted: epochs begin again. */
  void forget() {
    current.clear();
  }

  /**
   * Finds out whether the copy here is up to date, and sets it aside if it is not. OK only when it
   * is.
   */
  CompletionStage<StoreStatus> settle(ObjectId oid) {
    Epoch now = cluster.servingEpoch();
    return validity(oid)
        .thenCompose(
            validity -> {
              if (validity.status() != StoreStatus.OK) {
                return CompletableFuture.completedFuture(validity.status());
              }
              if (validity.lastValid().equals(now)) {
                current.put(oid, now);
                return CompletableFuture.completedFuture(StoreStatus.OK);
              }
              current.remove(oid);
              return store
                  .setAside(oid, validity.lastValid())
                  .thenApply(status -> status == StoreStatus.OK ? StoreStatus.NO_OBJECT : status);
            });
  }

  /**
   * Reads from the best copy here, the current one or one that was set aside; {@code length} 0 only
   * asks which one it is.
   */
  CompletionStage<Piece> best(ObjectId oid, long offset, int length) {
    return validity(oid)
        .thenCompose(
            present -> {
              Epoch newest = newestAside(oid);
              if (present.status() != StoreStatus.OK && present.status() != StoreStatus.NO_OBJECT) {
                return CompletableFuture.completedFuture(Piece.none(present));
              }
              if (newest.isNewerThan(present.lastValid())) {
                Validity validity = new Validity(StoreStatus.OK, newest);
                return length == 0
                    ? empty(validity)
                    : store
                        .readSetAside(oid, newest, offset, length)
                        .thenApply(data -> new Piece(validity, data));
              }
              if (present.status() != StoreStatus.OK || length == 0) {
                return empty(present);
              }
              return store.read(oid, offset, length).thenApply(data -> new Piece(present, data));
            });
  }

  /** Checksums of the best copy here, the current one or one that was set aside. */
  CompletionStage<Digests.Answer> digest(ObjectId oid) {
    return validity(oid)
        .thenCompose(
            present -> {
              Epoch newest = newestAside(oid);
              boolean isPresent = present.status() == StoreStatus.OK;
              if (!isPresent && present.status() != StoreStatus.NO_OBJECT) {
                return CompletableFuture.completedFuture(
                    answer(present.lastValid(), DigestOutcome.failed(present.status()), false));
              }
              if (newest.isNewerThan(present.lastValid())) {
                return store.digestSetAside(oid, newest).thenApply(d -> answer(newest, d, false));
              }
              return store
                  .digest(oid)
                  .thenApply(d -> answer(present.lastValid(), d, store.mayHaveLostWrites(oid)));
            });
  }

  private Digests.Answer answer(Epoch lastValid, DigestOutcome outcome, boolean mayHaveLost) {
    return new Digests.Answer(
        ReplicaService.toResult(outcome.status()),
        lastValid,
        outcome.digest(),
        outcome.version(),
        cluster.incarnation(),
        mayHaveLost);
  }

  /** Newest epoch of which a copy was set aside here, ZERO if none was. */
  Epoch newestAside(ObjectId oid) {
    List<Epoch> aside = store.epochsSetAside(oid);
    return aside.isEmpty() ? Epoch.ZERO : aside.get(aside.size() - 1);
  }

  private static CompletionStage<Piece> empty(Validity validity) {
    return CompletableFuture.completedFuture(
        new Piece(validity, new ReadOutcome(validity.status(), Unpooled.EMPTY_BUFFER)));
  }

  private CompletionStage<Validity> validity(ObjectId oid) {
    if (!store.holds(oid)) {
      return CompletableFuture.completedFuture(Validity.NONE);
    }
    Epoch known = current.get(oid);
    if (known != null && store.failure() == null) {
      return CompletableFuture.completedFuture(new Validity(StoreStatus.OK, lastValid(oid, known)));
    }
    return store
        .attributes(oid)
        .thenApply(
            found ->
                found.status() == StoreStatus.OK
                    ? new Validity(StoreStatus.OK, lastValid(oid, found.attributes().epoch()))
                    : new Validity(found.status(), Epoch.ZERO));
  }

  private Epoch lastValid(ObjectId oid, Epoch from) {
    Epoch now = cluster.servingEpoch();
    Epoch complete = cluster.state().recovery().complete();
    // when it was complete, a copy in its place had everything; where places were before that,
    // nobody
    // has to know any more
    boolean hadAll =
        complete.isNewerThan(from) && !complete.isNewerThan(now) && isTarget(oid, complete);
    Epoch valid = hadAll ? complete : from;
    boolean isKnown = shapes.of(oid) != null;
    while (isKnown && now.isNewerThan(valid)) {
      Epoch next = valid.next();
      if (cluster.state().epochRecord(next) != null && !isTarget(oid, next)) {
        return valid;
      }
      valid = next;
    }
    return valid;
  }

  private boolean isTarget(ObjectId oid, Epoch epoch) {
    for (NodeAddress target : cluster.ring(epoch).targets(oid, shapes.copiesIn(oid, epoch))) {
      if (cluster.isSelf(target)) {
        return true;
      }
    }
    return false;
  }
}
