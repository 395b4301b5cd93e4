package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerCopyBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.ObjectComparison;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Applies what gateways ask for to this node's store.
 *
 * <p>What a request must pass first: its epoch (an older one is refused, a newer one waits until
 * this node serves it), the incarnation it means (a daemon that was started again may have lost
 * what it had in memory, R9), that nobody has written under a later lock here (R12), and, after the
 * first epoch, the search for a copy if this node has none that is up to date.
 */
public final class ReplicaService {
  private final ClusterView cluster;
  private final ObjectStore store;
  private final ObjectShapes shapes;

  /** Whether this node is a member of a cluster that does not run yet. */
  private boolean starts;

  private final Fences fences;
  private final LocalCopies copies;
  private final CopyPieces pieces;
  private final ObjectGate gate;
  private final EpochParking parking;
  private final RecentRemovals removals;
  private final TornObjects torn;
  private final Agreement agreement;
  private final FailedDisk failedDisk;
  private final CopyComparison.Tools comparison;
  private final Suspects suspects;
  private final Scrub scrub;
  private final PeerReplies replies;
  private final Drains drains;
  private final CopyRequests aboutCopies;
  private final SourceCopies sources;
  private final UsageRequests usages;

  /**
   * Creates the service of a node.
   *
   * @param disk this node's objects; nobody else changes those that are here
   * @param policy {@link RecoveryPolicy#SAFE} but in the simulator
   * @param onWarning told what an operator may want to know
   */
  public ReplicaService(
      ClusterView cluster,
      ObjectStore disk,
      Transport transport,
      WritesInFlight inFlight,
      Clock clock,
      Scheduler scheduler,
      RecoveryPolicy policy,
      Consumer<String> onWarning) {
    this.cluster = cluster;
    InodeUsages known = new InodeUsages(disk);
    store = new WatchedStore(disk, known::changes);
    failedDisk = new FailedDisk(cluster, store);
    shapes = new ObjectShapes(cluster);
    fences = new Fences(cluster);
    copies = new LocalCopies(cluster, store, shapes);
    pieces = new CopyPieces(cluster, copies, transport);
    Digests digests = new Digests(cluster, copies, shapes, transport);
    CopyTransfer.Tools transfer =
        new CopyTransfer.Tools(cluster, store, copies, shapes, pieces, digests);
    gate = new ObjectGate(cluster, copies, new ObjectFetch(transfer, policy));
    removals = new RecentRemovals(cluster);
    parking = new EpochParking(cluster, scheduler);
    VersionedPieces versioned = new VersionedPieces(cluster, store, transport);
    TornRepair.Tools repair =
        new TornRepair.Tools(
            cluster, store, shapes, gate, digests, versioned, transport, scheduler, policy);
    torn =
        new TornObjects(
            cluster,
            shapes,
            (oid, range, epoch, others, whenRepaired) ->
                new TornRepair(repair, oid, range, epoch, others, whenRepaired).start(),
            transport,
            scheduler,
            policy,
            this::beginEpoch);
    comparison =
        new CopyComparison.Tools(
            cluster,
            store,
            shapes,
            gate,
            digests,
            versioned,
            transport,
            inFlight,
            torn::holdUp,
            policy,
            onWarning,
            new HashSet<>());
    agreement = new Agreement(comparison, clock, scheduler);
    suspects = new Suspects(scheduler, oid -> compare(oid, CopyComparison.Mode.REPAIR));
    scrub = new Scrub(cluster, store, shapes, clock, scheduler, policy, suspects::add);
    replies = new PeerReplies(cluster);
    drains = new Drains(cluster, inFlight);
    sources = new SourceCopies(cluster, store, gate, torn, suspects, failedDisk, replies);
    aboutCopies =
        new CopyRequests(
            new CopyRequests.Tools(
                store,
                copies,
                gate,
                failedDisk,
                torn,
                repair,
                new ObjectListing(cluster, store, gate),
                inFlight,
                suspects),
            replies,
            this::compare);
    usages =
        new UsageRequests(
            cluster,
            known,
            replies,
            (one, result) -> attempt(one, Unpooled.EMPTY_BUFFER, result, Passed.NOTHING));
    cluster.addListener(
        (before, after, sender, event, outcome) -> {
          if (event instanceof ClusterEvent.Format) {
            known.clear();
            copies.forget();
            torn.clear();
            starts = false;
          }
          if (after.recovery() != before.recovery()
              && after.recovery().complete().equals(cluster.servingEpoch())) {
            torn.complete();
          }
          boolean isStarted =
              before.status() == ClusterStatus.STARTING && after.status() == ClusterStatus.RUNNING;
          starts |= after.status() == ClusterStatus.WAIT_JOIN;
          starts |= after.status() == ClusterStatus.STARTING;
          if (isStarted || !after.epoch().equals(before.epoch())) {
            cluster.whenEpochServed(after.epoch(), torn::follow);
          }
        });
  }

  /**
   * An epoch is served from now on. If all nodes are back after all had ended, what was being
   * written then is compared before anybody touches it (R10). That cannot wait until the event has
   * been passed to all listeners: where nothing had to be written to the disk the epoch is served
   * before.
   */
  private void beginEpoch() {
    ClusterState state = cluster.state();
    if (!starts || state.status() != ClusterStatus.RUNNING) {
      return;
    }
    starts = false;
    gate.clusterStarted();
    Set<ObjectId> suspects = new TreeSet<>(store.dirtyObjects());
    Epoch complete = state.recovery().complete();
    if (!complete.equals(state.epoch())) {
      // a copy that is set aside loses its mark
      for (ObjectId oid : store.objectsSetAside()) {
        if (!complete.isNewerThan(copies.newestAside(oid))) {
          suspects.add(oid);
        }
      }
    }
    torn.clusterStarted(state.epoch(), suspects);
  }

  /**
   * Whether a later lock was granted than that under which a write was admitted, as far as this
   * node knows: then it must not begin any more.
   */
  public boolean isFenced(VdiId vid, long generation) {
    return fences.isOver(vid, generation);
  }

  /** Size and redundancy of objects. */
  public ObjectShapes shapes() {
    return shapes;
  }

  /**
   * Brings the newest copy of an object here, durably, if it is not here: for an object that
   * belongs here. Shares the search with a request that waits for the same object.
   *
   * @return SUCCESS when it is here or exists nowhere; any other code is one to try again
   */
  public CompletionStage<ResultCode> bring(ObjectId oid) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    if (torn.holdUp(oid)) {
      torn.later(
          oid,
          false,
          code -> {
            if (code == ResultCode.SUCCESS) {
              bring(oid).thenAccept(result::complete);
            } else {
              result.complete(code);
            }
          });
    } else if (removals.contains(oid)) {
      result.complete(ResultCode.SUCCESS);
    } else {
      gate.bring(oid, result::complete);
    }
    return result;
  }

  /**
   * The copies of an object may differ: they are compared and made the same, at once if nothing is
   * in the way, else as soon as that is over. Nobody waits for it.
   */
  public void suspect(ObjectId oid) {
    suspects.add(oid);
  }

  /**
   * Compares all copies of an object now, wherever they are, and tells what was found.
   *
   * @param repairs whether copies that differ are to be made the same, and homes without a copy are
   *     to get one
   */
  public CompletionStage<ObjectComparison> compare(ObjectId oid, boolean repairs) {
    return compare(oid, repairs ? CopyComparison.Mode.REPAIR_ALL : CopyComparison.Mode.LOOK);
  }

  private CompletionStage<ObjectComparison> compare(ObjectId oid, CopyComparison.Mode mode) {
    return new CopyComparison(comparison, oid, mode).run();
  }

  /**
   * Idle objects are compared, made the same, and marked clean from now on, and clean ones read now
   * and then, as long as the core loop runs.
   *
   * @param clientsWait whether clients wait for answers
   */
  public void beginUpkeep(BooleanSupplier clientsWait) {
    agreement.begin();
    scrub.begin(clientsWait);
  }

  /** How many bytes of clean objects are read a second to see whether they are good; 0 for none. */
  public void setScrubRate(long bytesPerSecond) {
    scrub.setRate(bytesPerSecond);
  }

  /** Bytes of objects that other nodes have given since this one was started. */
  public long bytesFetched() {
    return pieces.fetched();
  }

  /** Sets the copy here aside if it does not belong here (any more). */
  public CompletionStage<StoreStatus> settle(ObjectId oid) {
    return gate.settle(oid);
  }

  /** Serves requests of this node itself; see {@link #handle(Request, ByteBuf, long)}. */
  public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
    return handle(request, payload, 0);
  }

  /**
   * Serves PEER_READ, PEER_WRITE, PEER_CREATE, PEER_REMOVE, PEER_SYNC, PEER_LIST, PEER_DRAIN,
   * PEER_FETCH, PEER_OBJECTS, PEER_TORN, PEER_REPAIR, PEER_DIGEST, PEER_REPAIR_SOON, PEER_CLEAN,
   * PEER_PIECE, PEER_PATCH, PEER_CHANGES, PEER_COMPARE, PEER_COPY, PEER_USAGE, the historical
   * 0xa3..0xa6, and EXIST. May complete much later: a request of an epoch that this node does not
   * serve yet waits for it, for a bounded time.
   *
   * @param sender incarnation of the other daemon that sent it, 0 if it is none
   * @return the reply; its payload belongs to the receiver. Of PEER_FETCH {@code aux} is the newest
   *     epoch whose writes are in the copy
   */
  public CompletionStage<Reply> handle(Request request, ByteBuf payload, long sender) {
    PeerRequest peer = PeerRequest.of(request, sender);
    if (peer == null) {
      return done(replies.of(request, ResultCode.INVALID_PARMS));
    }
    return switch (peer.operation()) {
      case EXIST ->
          done(
              replies.of(
                  request, store.holds(peer.oid()) ? ResultCode.SUCCESS : ResultCode.NO_OBJ));
      case PEER_LIST -> done(list(peer));
      case PEER_DRAIN ->
          drains
              .of(peer.oid().vid(), peer.body().generation())
              .thenApply(code -> replies.of(request, code));
      case PEER_USAGE -> usages.serve(peer);
      case PEER_SYNC ->
          store
              .sync(peer.oid().vid())
              .thenApply(status -> replies.of(request, failedDisk.toSyncResult(status)));
      default -> {
        CompletableFuture<Reply> result = new CompletableFuture<>();
        attempt(peer, payload, result, Passed.NOTHING);
        yield result;
      }
    };
  }

  /** Result code of a store status. */
  static ResultCode toResult(StoreStatus status) {
    return switch (status) {
      case OK -> ResultCode.SUCCESS;
      case NO_OBJECT -> ResultCode.NO_OBJ;
      case NO_SPACE -> ResultCode.NO_SPACE;
      case IO_ERROR, DAMAGED -> ResultCode.EIO;
      case OUT_OF_RANGE -> ResultCode.INVALID_PARMS;
      case CHANGED, BUSY -> ResultCode.AGAIN;
    };
  }

  /** What a request has behind it; its epoch is looked at again each time. */
  private enum Passed {
    NOTHING,
    /** What it copies is here. */
    SOURCE,
    GATE
  }

  private void attempt(
      PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result, Passed passed) {
    ResultCode refusal = refusal(peer);
    if (refusal == ResultCode.NEW_NODE_VER) {
      park(peer, payload, result);
    } else if (refusal != ResultCode.SUCCESS) {
      result.complete(replies.of(peer.header(), refusal));
    } else if (CopyRequests.serves(peer.operation())) {
      aboutCopies.serve(peer, payload, result);
    } else if (passed == Passed.GATE) {
      apply(peer, payload, result);
    } else if (torn.holdUp(peer.oid())) {
      payload.retain();
      torn.later(
          peer.oid(),
          true,
          code -> {
            try {
              if (code == ResultCode.SUCCESS) {
                attempt(peer, payload, result, Passed.NOTHING);
              } else {
                result.complete(replies.of(peer.header(), code));
              }
            } finally {
              payload.release();
            }
          });
    } else if (peer.copied() != null && passed == Passed.NOTHING) {
      settleSource(peer, peer.copied(), payload, result);
    } else {
      payload.retain();
      gate.pass(
          peer.oid(),
          peer.needsCopy(),
          code -> {
            try {
              if (code == ResultCode.SUCCESS) {
                attempt(peer, payload, result, Passed.GATE);
              } else {
                result.complete(replies.of(peer.header(), failedDisk.notBegun(code)));
              }
            } finally {
              payload.release();
            }
          });
    }
  }

  private void settleSource(
      PeerRequest peer, PeerCopyBody copy, ByteBuf payload, CompletableFuture<Reply> result) {
    payload.retain();
    result.whenComplete((reply, failure) -> payload.release());
    sources.settle(peer, copy, result, () -> attempt(peer, payload, result, Passed.SOURCE));
  }

  private ResultCode refusal(PeerRequest peer) {
    int age = peer.header().epoch().compareTo(cluster.servingEpoch());
    if (age != 0) {
      return age < 0 ? ResultCode.OLD_NODE_VER : ResultCode.NEW_NODE_VER;
    }
    long meant = peer.body().incarnation();
    if (meant != 0 && meant != cluster.incarnation()) {
      return ResultCode.NETWORK_ERROR;
    }
    ResultCode ofDisk = failedDisk.refusal(peer);
    return ofDisk == ResultCode.SUCCESS && peer.isWrite() && peer.body().generation() != 0
        ? refusalOfClient(peer.oid().vid(), peer.body().generation())
        : ofDisk;
  }

  /**
   * A vid whose commit only its gateway knows of may not come to be, should that one die now: a
   * client's write is not to succeed before all replicas know of it (R4).
   */
  private ResultCode refusalOfClient(VdiId vid, long generation) {
    if (fences.refuses(vid, generation)) {
      return ResultCode.VDI_LOCKED;
    }
    VdiEntry entry = cluster.state().directory().entry(vid);
    return entry != null && entry.state() == VdiEntry.State.RESERVED
        ? ResultCode.AGAIN
        : ResultCode.SUCCESS;
  }

  private void park(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    Epoch wanted = peer.header().epoch();
    boolean parked =
        parking.park(
            wanted,
            payload,
            kept -> {
              if (wanted.isNewerThan(cluster.servingEpoch())) {
                // it has waited too long, or this node is no member any more: the sender asks again
                result.complete(replies.of(peer.header(), ResultCode.NEW_NODE_VER));
              } else {
                attempt(peer, kept, result, Passed.NOTHING);
              }
            });
    if (!parked) {
      result.complete(replies.of(peer.header(), ResultCode.NEW_NODE_VER));
    }
  }

  private void apply(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    ObjectId oid = peer.oid();
    if (peer.isWrite()) {
      fences.carriesOut(oid.vid(), peer.body().generation());
    }
    long offset = peer.body().offset();
    switch (peer.operation()) {
      case PEER_READ -> read(peer, result);
      case PEER_USAGE -> usages.tell(peer, result);
      case PEER_WRITE -> {
        torn.noteWrite(peer, payload.readableBytes());
        agreement.noteWrite(oid);
        answer(peer, store.write(oid, offset, payload, peer.isDurable()), result);
      }
      case PEER_CREATE -> create(peer, payload, result);
      case PEER_COPY -> copy(peer, Objects.requireNonNull(peer.copied()), payload, result);
      case PEER_REMOVE -> answer(peer, remove(oid), result);
      default -> result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
    }
  }

  private void read(PeerRequest peer, CompletableFuture<Reply> result) {
    long length = peer.body().length();
    if (length > peer.header().dataLength()) {
      result.complete(replies.of(peer.header(), ResultCode.BUFFER_SMALL));
      return;
    }
    answerRead(peer, store.read(peer.oid(), peer.body().offset(), (int) length), result);
  }

  private void answerRead(
      PeerRequest peer, CompletionStage<ReadOutcome> stage, CompletableFuture<Reply> result) {
    stage.whenComplete(
        (read, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            suspects.noteDamage(peer.oid(), read.status());
            ResultCode code = toResult(read.status());
            // the disk may have failed since the question whether the copy is here was let in
            ResultCode told = peer.body().length() == 0 ? failedDisk.notBegun(code) : code;
            result.complete(replies.of(peer.header(), told, 0, read.data()));
          }
        });
  }

  private void create(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    ObjectAttributes attributes = shapes.forCreation(peer.oid(), peer.body());
    if (attributes == null) {
      result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
      return;
    }
    CompletionStage<StoreStatus> created =
        creation(
            peer.oid(),
            attributes,
            () -> store.create(peer.oid(), attributes, peer.body().offset(), payload),
            status -> status);
    answer(peer, created, result);
  }

  private void copy(
      PeerRequest peer, PeerCopyBody copy, ByteBuf payload, CompletableFuture<Reply> result) {
    ObjectAttributes attributes = shapes.forCreation(peer.oid(), peer.body());
    if (attributes == null || peer.oid().kind() != ObjectKind.DATA) {
      result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
      return;
    }
    CompletionStage<CopyOutcome> created =
        creation(
            peer.oid(),
            attributes,
            () -> sources.make(peer, copy, attributes, payload),
            CopyOutcome::status);
    sources.answer(peer, copy, created, result);
  }

  private <T> CompletionStage<T> creation(
      ObjectId oid,
      ObjectAttributes attributes,
      Supplier<CompletionStage<T>> creation,
      Function<T, StoreStatus> status) {
    agreement.noteWrite(oid);
    gate.creationStarted(oid);
    removals.created(oid);
    return creation
        .get()
        .whenComplete(
            (outcome, failure) ->
                gate.creationEnded(
                    oid,
                    failure == null && status.apply(outcome) == StoreStatus.OK,
                    attributes.epoch()));
  }

  private void answer(
      PeerRequest peer, CompletionStage<StoreStatus> stage, CompletableFuture<Reply> result) {
    stage.whenComplete(
        (status, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(replies.of(peer.header(), failedDisk.toResult(status)));
          }
        });
  }

  /** Copies that were set aside go, too: recovery would bring the object back from them. */
  private CompletionStage<StoreStatus> remove(ObjectId oid) {
    removals.removed(oid);
    if (failedDisk.isGivenUp()) {
      return CompletableFuture.completedFuture(failedDisk.remove(oid));
    }
    CompletionStage<StoreStatus> removed = store.remove(oid);
    for (Epoch epoch : store.epochsSetAside(oid)) {
      removed = removed.thenCombine(store.purge(oid, epoch), ReplicaService::afterBoth);
    }
    return removed;
  }

  /** A failure if there was one; NO_OBJECT only when neither found anything. */
  private static StoreStatus afterBoth(StoreStatus one, StoreStatus other) {
    boolean decides = one != StoreStatus.OK && one != StoreStatus.NO_OBJECT;
    return decides || other == StoreStatus.NO_OBJECT ? one : other;
  }

  private Reply list(PeerRequest peer) {
    VdiId vid = peer.oid().vid();
    Set<ObjectId> objects = new TreeSet<>(store.objectsOf(vid));
    store.objectsSetAside().stream().filter(oid -> oid.vid().equals(vid)).forEach(objects::add);
    objects.removeIf(failedDisk::isObsolete);
    long size = (long) objects.size() * Long.BYTES;
    if (size > peer.header().dataLength()) {
      return replies.of(peer.header(), ResultCode.BUFFER_SMALL);
    }
    ByteBuf ids = Unpooled.buffer((int) size);
    objects.forEach(oid -> ids.writeLongLE(oid.value()));
    return replies.of(peer.header(), ResultCode.SUCCESS, 0, ids);
  }

  private static CompletionStage<Reply> done(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
