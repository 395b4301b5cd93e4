package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.cluster.RecoveryState;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * A few nodes with gateways, replica services and stores in memory; what the cluster agrees on is
 * set by the test.
 */
final class TestCluster {
  static final int COPIES = 3;
  static final int SHIFT = 20;
  static final int OBJECT = 1 << SHIFT;
  static final VdiId HEAD = new VdiId(0x20);
  static final VdiId BASE = new VdiId(0x10);
  static final VdiId STRANGER = new VdiId(0x30);
  static final ObjectId INODE = ObjectId.inode(HEAD);
  static final String NAME = "Alice";

  /** Bounds every wait: no test needs as many events. */
  private static final int MAX_EVENTS = 200_000;

  final EventQueue queue = new EventQueue();
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  final List<TestNode> nodes = new ArrayList<>();
  private ClusterState state = ClusterState.INITIAL;

  TestCluster(int size) {
    for (int i = 0; i < size; i++) {
      nodes.add(new TestNode(this, i, 100 + i));
    }
    VdiDirectory directory =
        VdiDirectory.of(
            List.of(
                entry(BASE, VdiEntry.State.SNAPSHOT, NAME, 1, VdiId.NONE),
                entry(HEAD, VdiEntry.State.HEAD, NAME, 2, BASE),
                entry(STRANGER, VdiEntry.State.HEAD, "Bob", 1, VdiId.NONE)));
    ClusterState running =
        new ClusterState(
            1,
            ClusterStatus.RUNNING,
            0,
            0,
            new ClusterConfig(SheepTime.NONE, COPIES, 0, SHIFT, 0),
            TreePVector.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            directory,
            LockTable.EMPTY,
            RecoveryState.NONE);
    become(s -> running, null, new Outcome.Done());
    epochOf(nodes);
  }

  static VdiEntry entry(
      VdiId vid, VdiEntry.State vdiState, String name, int snapshotId, VdiId parent) {
    SheepTime time = new SheepTime(1L << 32);
    return new VdiEntry(
        vid,
        vdiState,
        name,
        "",
        snapshotId,
        parent,
        time,
        vdiState == VdiEntry.State.SNAPSHOT ? time : SheepTime.NONE,
        64L * OBJECT,
        0,
        0,
        COPIES,
        0,
        0,
        SHIFT);
  }

  static NodeAddress address(int number) {
    return NodeAddress.parse("10.0.0." + (number + 1) + ":7000");
  }

  TestNode node(int number) {
    return nodes.get(number);
  }

  ClusterState state() {
    return state;
  }

  /** Everybody applies a change at once. */
  void become(UnaryOperator<ClusterState> change, @Nullable ClusterEvent event, Outcome outcome) {
    ClusterState before = state;
    state = change.apply(state);
    for (TestNode node : nodes) {
      node.view.applied(before, state, event, outcome);
    }
  }

  void directory(UnaryOperator<VdiDirectory> change) {
    become(
        s -> with(s, s.history(), change.apply(s.directory()), s.locks()),
        null,
        new Outcome.Done());
  }

  void locks(LockTable locks, Outcome outcome) {
    become(s -> with(s, s.history(), s.directory(), locks), null, outcome);
  }

  /** The next epoch begins with these nodes as members. */
  void epochOf(List<TestNode> members) {
    announceEpochOf(members);
    serveNewest(members);
  }

  void serveNewest(List<TestNode> members) {
    members.forEach(node -> node.view.serve(state.epoch()));
  }

  /** The same, but nobody serves it yet. */
  void announceEpochOf(List<TestNode> members) {
    List<EpochNode> epochNodes = new ArrayList<>();
    TreePMap<MemberId, Member> byId = TreePMap.empty();
    for (TestNode node : members) {
      NodeEntry entry = NodeEntry.of(node.address, 64, node.number, 1L << 30);
      epochNodes.add(new EpochNode(entry, node.number + 1));
      byId =
          byId.plus(
              new MemberId(node.incarnation * 100 + node.number),
              new Member(
                  new MemberId(node.incarnation * 100 + node.number),
                  entry,
                  node.number + 1,
                  node.incarnation,
                  node.number,
                  true));
    }
    EpochRecord record =
        new EpochRecord(new Epoch(state.epoch().value() + 1), SheepTime.NONE, epochNodes);
    TreePMap<MemberId, Member> newMembers = byId;
    become(
        s ->
            new ClusterState(
                s.sequence() + 1,
                s.status(),
                0,
                0,
                s.config(),
                s.history().plus(record),
                newMembers,
                s.refused(),
                s.ready(),
                s.directory(),
                s.locks(),
                s.history().isEmpty()
                    ? new RecoveryState(record.epoch(), TreePSet.empty(), false)
                    : s.recovery()),
        null,
        new Outcome.Done());
  }

  static ClusterState with(
      ClusterState s, PVector<EpochRecord> history, VdiDirectory directory, LockTable locks) {
    return new ClusterState(
        s.sequence() + 1,
        s.status(),
        s.startedAt(),
        0,
        s.config(),
        history,
        s.members(),
        s.refused(),
        s.ready(),
        directory,
        locks,
        s.recovery());
  }

  /** All members have said that they hold everything that they have to hold in this epoch. */
  void complete() {
    become(
        s ->
            new ClusterState(
                s.sequence() + 1,
                s.status(),
                s.startedAt(),
                0,
                s.config(),
                s.history(),
                s.members(),
                s.refused(),
                s.ready(),
                s.directory(),
                s.locks(),
                new RecoveryState(s.epoch(), TreePSet.empty(), false)),
        null,
        new Outcome.Done());
  }

  /** The nodes that hold an object now. */
  List<TestNode> targets(ObjectId oid) {
    List<TestNode> found = new ArrayList<>();
    for (NodeAddress target : node(0).view.ring(state.epoch()).targets(oid, COPIES)) {
      nodes.stream().filter(n -> n.address.equals(target)).forEach(found::add);
    }
    return found;
  }

  /** Lets everything happen that can. */
  void settle() {
    settle(0);
  }

  private void settle(int happened) {
    int count = happened;
    while (queue.runNext()) {
      if (++count > MAX_EVENTS) {
        throw new AssertionError("the cluster does not come to rest");
      }
    }
  }

  /** Lets time pass: nanoseconds. */
  void run(long nanos) {
    boolean[] over = {false};
    queue.after(nanos, () -> over[0] = true);
    for (int i = 0; !over[0]; i++) {
      if (i > MAX_EVENTS || !queue.runNext()) {
        throw new AssertionError("too much happens");
      }
    }
  }

  <T> T await(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    for (int i = 0; !future.isDone(); i++) {
      if (i > MAX_EVENTS || !queue.runNext()) {
        throw new AssertionError("it never ends");
      }
    }
    return future.join();
  }

  ResultCode code(CompletionStage<Reply> stage) {
    Reply reply = await(stage);
    reply.release();
    return java.util.Objects.requireNonNull(reply.header().resultCode());
  }

  byte[] bytes(CompletionStage<Reply> stage) {
    Reply reply = await(stage);
    try {
      if (!reply.header().isSuccess()) {
        throw new AssertionError("read failed: " + reply.header().resultCode());
      }
      return ByteBufUtil.getBytes(reply.payload());
    } finally {
      reply.release();
    }
  }

  ByteBuf buffer(byte[] bytes) {
    return allocator.heapBuffer(bytes.length, Math.max(1, bytes.length)).writeBytes(bytes);
  }

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static byte[] le32(int... values) {
    ByteBuf buffer = Unpooled.buffer(values.length * Integer.BYTES);
    for (int value : values) {
      buffer.writeIntLE(value);
    }
    return ByteBufUtil.getBytes(buffer);
  }

  static Request request(Opcode opcode, int flags, int length, ObjectId oid, long offset) {
    return Request.of(opcode, flags, length, ObjectBody.of(oid, offset));
  }

  /** Nothing that was handed out is still held. */
  long leakedBytes() {
    settle();
    return allocator.metric().usedHeapMemory();
  }
}
