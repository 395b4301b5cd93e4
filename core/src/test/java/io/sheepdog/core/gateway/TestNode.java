package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.Grant;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One node of a {@link TestCluster}, and what a client of it can ask. */
final class TestNode implements WriteGrants {
  private static final Delays FAST = new Delays(1_000, 2_000, 2_000, 0);

  final int number;
  final NodeAddress address;
  final long incarnation;
  final SimProcess process;
  final TestView view;
  final StoreContents disk;
  final FaultyStore store;
  final TestTransport transport;
  final WritesInFlight inFlight = new WritesInFlight();
  final ReplicaService replica;
  final ObjectGateway gateway;
  final ClientSession session = new ClientSession(1, "client");
  final List<String> dropped = new ArrayList<>();
  final List<String> warnings = new ArrayList<>();
  final List<VdiId> used = new ArrayList<>();
  boolean removesDropped;
  boolean besideTheHolder;
  Grant grant = new Grant(ResultCode.SUCCESS, 0);
  private final TestCluster cluster;

  TestNode(TestCluster cluster, int number, long incarnation) {
    this(cluster, number, incarnation, new StoreContents(), WritePolicy.SAFE);
  }

  TestNode(
      TestCluster cluster, int number, long incarnation, StoreContents disk, WritePolicy policy) {
    this.cluster = cluster;
    this.number = number;
    this.incarnation = incarnation;
    this.disk = disk;
    address = TestCluster.address(number);
    process = new SimProcess(cluster.queue, "node" + number, 0);
    view = new TestView(cluster, this);
    store =
        new FaultyStore(
            new MemoryObjectStore(
                disk,
                process,
                new SplittableRandom(number),
                FAST,
                cluster.allocator,
                StoreWatcher.NONE));
    transport = new TestTransport(cluster, this);
    replica =
        new ReplicaService(
            view, store, transport, inFlight, process, process, RecoveryPolicy.SAFE, warnings::add);
    gateway =
        new ObjectGateway(view, replica, transport, process, inFlight, this, this::dropped, policy);
  }

  private CompletionStage<Void> dropped(
      VdiId inodeOwner, VdiId objectOwner, long index, long generation) {
    dropped.add(inodeOwner + " dropped " + ObjectId.data(objectOwner, index));
    return removesDropped
        ? gateway.remove(ObjectId.data(objectOwner, index)).thenApply(code -> null)
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Grant> authorize(ClientSession by, VdiId vid, ObjectKind kind) {
    return CompletableFuture.completedFuture(grant);
  }

  @Override
  public boolean isBesideTheHolder(ClientSession by, VdiId vid) {
    return besideTheHolder;
  }

  @Override
  public void noteUse(ClientSession by, VdiId vid) {
    used.add(vid);
  }

  /** Grants its client the lock of a vid, everywhere. */
  void lock(VdiId vid) {
    var locks = cluster.state().locks();
    var held = locks.of(vid);
    var free = held == null ? locks : locks.release(held);
    var granted =
        free.grant(
            vid,
            new io.sheepdog.core.spi.MemberId(1),
            address,
            "client",
            LockKind.CLIENT,
            SheepTime.NONE);
    var lock = java.util.Objects.requireNonNull(granted.of(vid));
    cluster.locks(granted, new io.sheepdog.core.cluster.Outcome.Locked(lock));
    grant = new Grant(ResultCode.SUCCESS, lock.generation());
  }

  CompletionStage<Reply> read(ObjectId oid, long offset, int length) {
    return send(
        TestCluster.request(Opcode.READ_OBJ, RequestFlags.NONE, length, oid, offset), new byte[0]);
  }

  CompletionStage<Reply> write(ObjectId oid, long offset, byte[] bytes) {
    return write(oid, offset, bytes, RequestFlags.NONE);
  }

  CompletionStage<Reply> write(ObjectId oid, long offset, byte[] bytes, int flags) {
    return send(
        TestCluster.request(
            Opcode.WRITE_OBJ, flags | RequestFlags.WRITE, bytes.length, oid, offset),
        bytes);
  }

  CompletionStage<Reply> create(ObjectId oid, long offset, byte[] bytes) {
    return send(
        TestCluster.request(
            Opcode.CREATE_AND_WRITE_OBJ, RequestFlags.WRITE, bytes.length, oid, offset),
        bytes);
  }

  CompletionStage<Reply> copyOnWrite(ObjectId oid, ObjectId source, long offset, byte[] bytes) {
    Request request =
        Request.of(
            Opcode.CREATE_AND_WRITE_OBJ,
            RequestFlags.WRITE | RequestFlags.COW,
            bytes.length,
            ObjectBody.of(oid, offset).withCowOid(source));
    return send(request, bytes);
  }

  CompletionStage<Reply> flush(VdiId vid) {
    return send(
        TestCluster.request(Opcode.FLUSH_VDI, RequestFlags.NONE, 0, ObjectId.inode(vid), 0),
        new byte[0]);
  }

  CompletionStage<Reply> send(Request request, byte[] bytes) {
    ByteBuf payload = cluster.buffer(bytes);
    CompletionStage<Reply> reply = gateway.handle(session, request, payload);
    payload.release();
    return reply;
  }
}
