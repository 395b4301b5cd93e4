package io.sheepdog.core.lease;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.RecoveryState;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.sim.cluster.SimCluster;
import io.sheepdog.core.sim.store.MemoryMetaStore;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.MetaContents;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.SequenceBody;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.pcollections.OrderedPSet;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/** Node 1 of a running cluster; the others are what the test says of them. */
final class LeaseWorld implements LeaseCluster, Transport {
  static final int SELF = 1;

  final EventQueue queue = new EventQueue();
  final SimProcess process = new SimProcess(queue, "node1", 12345);
  final Platform platform;
  final List<Question> open = new ArrayList<>();
  final List<NodeAddress> looks = new ArrayList<>();

  /** What the next look at a former member finds. */
  CompletableFuture<Boolean> looking = new CompletableFuture<>();

  ClusterState state = ClusterState.INITIAL;
  Epoch serving = Epoch.ZERO;
  boolean synced = true;
  boolean settled = true;
  final List<String> warnings = new ArrayList<>();
  boolean diskHangs;
  final List<String> complaints = new ArrayList<>();

  /** A request that nobody has answered. */
  record Question(int node, Request request, CompletableFuture<Reply> reply) {}

  LeaseWorld() {
    SplittableRandom random = new SplittableRandom(1);
    platform =
        new Platform(
            process,
            process,
            this,
            new MemoryObjectStore(
                new StoreContents(),
                process,
                random,
                Delays.DISK,
                UnpooledByteBufAllocator.DEFAULT,
                StoreWatcher.NONE),
            new MemoryMetaStore(new MetaContents(1, 1), process, random, Delays.DISK),
            new SimCluster(queue, random, Delays.CLUSTER, Delays.DETECTION).driver(process));
  }

  static MemberId id(int node) {
    return new MemberId(node);
  }

  static NodeAddress address(int node) {
    return NodeAddress.parse("10.0.0." + node + ":7000");
  }

  static long incarnation(int node) {
    return 100L + node;
  }

  /** The state has gone on to that epoch with those nodes. */
  void running(int epoch, int... nodes) {
    PMap<MemberId, Member> members = TreePMap.empty();
    for (int node : nodes) {
      Member member =
          new Member(
              id(node),
              NodeEntry.of(address(node), 0, node, 1L << 40),
              1000 + node,
              incarnation(node),
              node,
              true);
      members = members.plus(member.id(), member);
    }
    become(
        members,
        TreePVector.singleton(new EpochRecord(new Epoch(epoch), SheepTime.NONE, List.of())));
  }

  /** One member has complained about another. */
  void accused(int accused, int accuser) {
    Member member = Objects.requireNonNull(state.members().get(id(accused)));
    Member changed =
        new Member(
            member.id(),
            member.node(),
            member.storeId(),
            member.incarnation(),
            member.joinedAt(),
            true,
            OrderedPSet.singleton(id(accuser)));
    become(state.members().plus(member.id(), changed), state.history());
  }

  private void become(PMap<MemberId, Member> members, PVector<EpochRecord> history) {
    state =
        new ClusterState(
            10L * history.get(history.size() - 1).epoch().value(),
            ClusterStatus.RUNNING,
            1,
            0,
            null,
            history,
            members,
            TreePMap.empty(),
            TreePMap.empty(),
            VdiDirectory.EMPTY,
            LockTable.EMPTY,
            RecoveryState.NONE);
  }

  @Override
  public CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload) {
    for (int node = 1; node < 10; node++) {
      if (address(node).equals(to)) {
        Question question = new Question(node, request, new CompletableFuture<>());
        open.add(question);
        return question.reply();
      }
    }
    throw new IllegalArgumentException("nobody is at " + to);
  }

  @Override
  public CompletionStage<Boolean> hasEnded(NodeAddress to, long incarnation) {
    looks.add(to);
    return looking;
  }

  /** That node answers all it was asked. */
  void answers(int node, ResultCode code) {
    for (Question question : List.copyOf(open)) {
      if (question.node() == node && open.remove(question)) {
        Response header = Response.to(question.request(), state.epoch(), code);
        question.reply().complete(new Reply(header, Unpooled.EMPTY_BUFFER));
      }
    }
  }

  void confirms(int... nodes) {
    for (int node : nodes) {
      answers(node, ResultCode.SUCCESS);
    }
  }

  List<Integer> asked() {
    return open.stream().map(Question::node).sorted().toList();
  }

  /** Lets that much time pass. */
  void pass(Duration time) {
    boolean[] over = {false};
    queue.after(time.toNanos(), () -> over[0] = true);
    while (!over[0]) {
      queue.runNext();
    }
  }

  /** Another node's request for a vote. */
  static Request leaseRequest(int asker, int epoch, long receiver) {
    return Request.of(Opcode.PEER_LEASE, new LeaseBody(incarnation(asker), receiver))
        .withEpoch(new Epoch(epoch));
  }

  static SequenceBody confirmation(Question question) {
    return (SequenceBody) question.request().body();
  }

  @Override
  public ClusterState state() {
    return state;
  }

  @Override
  public boolean synced() {
    return synced;
  }

  @Override
  public boolean isSelf(MemberId id) {
    return id.equals(id(SELF));
  }

  @Override
  public Epoch servingEpoch() {
    return serving;
  }

  @Override
  public boolean diskHangs() {
    return diskHangs;
  }

  @Override
  public void complain(MemberId member, boolean silent) {
    complaints.add(member.value() + (silent ? " is silent" : " answers again"));
  }

  @Override
  public void warn(String message) {
    warnings.add(message);
  }

  @Override
  public boolean isSettled() {
    return settled;
  }
}
