package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.EarlierWrites;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.volume.Reclamation;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Object I/O of clients and of volume operations: distributes to the replicas and answers when the
 * promise is kept.
 *
 * <p>Clients and volume operations never see the codes by which nodes tell each other to try again:
 * an operation is repeated, in the present epoch, until it succeeded or failed for good. It ends
 * with SHUTDOWN when the cluster is shut down.
 */
public final class ObjectGateway {
  private final WritesInFlight inFlight;
  private final ObjectShapes shapes;
  private final Ordering ordering;
  private final ObjectReader reader;
  private final Replication replication;
  private final ClientRequests clients;
  private final LockDrain lockDrain;
  private final UsagePages usagePages;

  /**
   * Creates the gateway of a node.
   *
   * @param inFlight the same as the replica service's, which answers PEER_DRAIN from it
   * @param reclamation told of index entries that stopped naming an object; not called before the
   *     first client request
   */
  public ObjectGateway(
      ClusterAgent agent,
      ReplicaService local,
      Transport transport,
      Scheduler scheduler,
      WritesInFlight inFlight,
      WriteGrants grants,
      Reclamation reclamation,
      WritePolicy policy) {
    this(ClusterView.of(agent), local, transport, scheduler, inFlight, grants, reclamation, policy);
  }

  /** The same for any view of the cluster. */
  public ObjectGateway(
      ClusterView cluster,
      ReplicaService local,
      Transport transport,
      Scheduler scheduler,
      WritesInFlight inFlight,
      WriteGrants grants,
      Reclamation reclamation,
      WritePolicy policy) {
    this.inFlight = inFlight;
    shapes = new ObjectShapes(cluster);
    Targets targets = new Targets(cluster);
    PeerCalls peers = new PeerCalls(targets, local, transport);
    RetryGate retries = new RetryGate(cluster, scheduler);
    ordering = new Ordering(policy);
    lockDrain = new LockDrain(cluster, targets, peers, retries, policy);
    reader = new ObjectReader(targets, peers, retries, shapes);
    usagePages = new UsagePages(cluster, targets, peers, reader);
    replication = new Replication(cluster, targets, peers, local, retries, policy, inFlight);
    FlushRound.Tools tools = new FlushRound.Tools(targets, peers, retries, shapes, reader);
    Flushes flushes =
        new Flushes(
            cluster, (vid, objects, everywhere) -> new FlushRound(tools, vid, objects, everywhere));
    Admission admission = new Admission(cluster, targets, inFlight, grants, policy);
    DataWrites data =
        new DataWrites(
            cluster,
            admission,
            shapes,
            ordering,
            replication,
            new ObjectCreation(targets, reader, replication),
            flushes.unflushed());
    IndexWrites index =
        new IndexWrites(
            cluster, shapes, ordering, reader, replication, reclamation, flushes.unflushed());
    InodeWrites inodes =
        new InodeWrites(
            admission,
            index,
            new HeaderWrites(cluster, shapes, ordering, replication),
            flushes,
            new NeedlessClearing(cluster, grants));
    Removals removals = new Removals(admission, shapes, ordering, reader, replication);
    clients =
        new ClientRequests(
            cluster,
            grants,
            new ClientReads(cluster, reader, ordering),
            data,
            inodes,
            removals,
            flushes);
  }

  /**
   * Serves READ_OBJ, WRITE_OBJ, CREATE_AND_WRITE_OBJ, REMOVE_OBJ, DISCARD_OBJ and FLUSH_VDI of a
   * client.
   */
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    return clients.handle(session, request, payload);
  }

  /** Serves VDI_USAGE. */
  public CompletionStage<Reply> usages(Request request) {
    return usagePages.serve(request);
  }

  /** Reads for a volume operation: no lock, no freeze. */
  public CompletionStage<ReadResult> read(ObjectId oid, long offset, int length) {
    return reader.read(oid, offset, length);
  }

  /**
   * Writes for a volume operation, durably on all replicas: no lock, no freeze, no rules about
   * inodes.
   */
  public CompletionStage<ResultCode> write(ObjectId oid, long offset, ByteBuf data) {
    ObjectAttributes shape = shapes.of(oid);
    if (shape == null) {
      return CompletableFuture.completedFuture(ResultCode.NO_OBJ);
    }
    int length = data.readableBytes();
    data.retain();
    return ordering
        .bytes(
            oid,
            offset,
            length,
            () -> replication.run(Change.write(oid, shape, offset, length, 0, true), data))
        .thenApply(Replication.Result::code)
        .whenComplete((code, failure) -> data.release());
  }

  /**
   * Creates or replaces an object for a volume operation, durably on all replicas.
   *
   * @param attributes its number of copies; size and epoch follow from the kind of object and from
   *     the epoch in which it succeeds
   */
  public CompletionStage<ResultCode> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    data.retain();
    Change change = Change.create(oid, attributes, offset, data.readableBytes(), 0);
    return ordering
        .creation(oid, () -> replication.run(change, data))
        .thenApply(Replication.Result::code)
        .whenComplete((code, failure) -> data.release());
  }

  /** Removes an object from all replicas; NO_OBJ when none had it. */
  public CompletionStage<ResultCode> remove(ObjectId oid) {
    return remove(oid, 0);
  }

  /** The same under a lock: replicas refuse it with VDI_LOCKED once they know of a later holder. */
  public CompletionStage<ResultCode> remove(ObjectId oid, long generation) {
    ObjectAttributes shape = shapes.of(oid);
    return shape == null
        ? CompletableFuture.completedFuture(ResultCode.NO_OBJ)
        : ordering
            .removal(
                oid,
                () ->
                    replication.run(
                        Change.remove(oid, shape).under(generation), Unpooled.EMPTY_BUFFER))
            .thenApply(Replication.Result::code);
  }

  /** What those wait for who are granted a lock; see {@link EarlierWrites#ended}. */
  public CompletionStage<Void> earlierWritesEnded(VdiId vid, long generation) {
    return lockDrain.ended(vid, generation);
  }

  /** Completes once no client write of this vid is in flight at this gateway. */
  public CompletionStage<Void> drained(VdiId vid) {
    return inFlight.drained(vid);
  }
}
