package io.sheepdog.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.NodeControl;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.History;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.AgentWorld;
import io.sheepdog.core.membership.AgentWorld.Node;
import io.sheepdog.core.recovery.Recovery;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.payload.ClusterInfoPayload;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.MdInfo;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.RecoveryStatePayload;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import io.sheepdog.protocol.payload.SheepStat;
import io.sheepdog.protocol.payload.VdiBitmap;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdminRequestsTest {
  private static final int NODE_LIST_ROOM = 491520;

  private final AgentWorld world = new AgentWorld(1);
  private final Control control = new Control();
  private final Map<Node, Recovery> recoveries = new HashMap<>();

  /** Remembers what it was told. */
  private static final class Control implements NodeControl {
    int level = 6;
    boolean killed;

    @Override
    public void kill() {
      killed = true;
    }

    @Override
    public int logLevel() {
      return level;
    }

    @Override
    public void setLogLevel(int newLevel) {
      level = newLevel;
    }

    @Override
    public String objectDirectory() {
      return "/store/obj";
    }
  }

  private AdminRequests admin(Node node) {
    Recovery recovery = recoveries.computeIfAbsent(node, AdminRequestsTest::recovery);
    return new AdminRequests(node.agent, node.platform, control, new RequestCounters(), recovery);
  }

  private static Recovery recovery(Node node) {
    ReplicaService replica =
        new ReplicaService(
            ClusterView.of(node.agent),
            node.platform.objects(),
            node.platform.transport(),
            new WritesInFlight(),
            node.platform.clock(),
            node.platform.scheduler(),
            RecoveryPolicy.SAFE,
            warning -> {});
    return new Recovery(
        node.agent, replica, node.platform, () -> false, warning -> {}, RecoveryPolicy.SAFE);
  }

  private Reply ask(Node node, Opcode opcode, int room, RequestBody body) {
    Request request = Request.of(opcode, RequestFlags.NONE, room, body);
    Reply reply = world.await(admin(node).handle(request, Unpooled.EMPTY_BUFFER));
    assertThat(reply.header().dataLength()).isEqualTo(reply.payload().readableBytes());
    assertThat(reply.header().dataLength()).isLessThanOrEqualTo(room);
    return reply;
  }

  private Reply ask(Node node, Opcode opcode, int room) {
    return ask(node, opcode, room, RawBody.EMPTY);
  }

  private Reply tell(Node node, Opcode opcode, byte[] payload, RequestBody body) {
    Request request = Request.of(opcode, RequestFlags.WRITE, payload.length, body);
    return world.await(admin(node).handle(request, Unpooled.wrappedBuffer(payload)));
  }

  private Reply format(Node node, String store, int copies, int policy, int flags, int shift) {
    byte[] payload = (store + "\0").getBytes(StandardCharsets.US_ASCII);
    return tell(
        node, Opcode.MAKE_FS, payload, ClusterBody.format(5L << 32, copies, policy, flags, shift));
  }

  private static ResultCode code(Reply reply) {
    return Objects.requireNonNull(reply.header().resultCode());
  }

  @Test
  void anUnformattedClusterSaysSoWithoutPayload() {
    Node node = world.startAll(1).get(0);
    Reply status = ask(node, Opcode.STAT_CLUSTER, 48, ClusterBody.status(0));
    assertThat(code(status)).isEqualTo(ResultCode.WAIT_FOR_FORMAT);
    assertThat(status.header().dataLength()).isZero();
    assertThat(code(ask(node, Opcode.GET_CLUSTER_DEFAULT, 0)))
        .isEqualTo(ResultCode.WAIT_FOR_FORMAT);
    ClusterInfoPayload info =
        ClusterInfoPayload.decode(
            ask(node, Opcode.CLUSTER_INFO, ClusterInfoPayload.SIZE).payload());
    assertThat(info.epoch()).isEqualTo(Epoch.ZERO);
    assertThat(info.flags()).isEqualTo(ClusterFlags.AUTO_VNODES);
    assertThat(info.nodes()).isEmpty();
  }

  @Test
  void formatTakesDefaultsAndIsVisibleAtOnce() {
    List<Node> nodes = world.startAll(3);
    assertThat(code(format(nodes.get(0), "plain", 0, 0, ClusterFlags.AUTO_VNODES, 0)))
        .isEqualTo(ResultCode.SUCCESS);
    Reply defaults = ask(nodes.get(0), Opcode.GET_CLUSTER_DEFAULT, 0);
    assertThat(defaults.header().body()).isEqualTo(new ClusterDefaultReply(3, 0, 22));
    assertThat(defaults.header().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void aFormatThatCannotBeIsRefused() {
    Node node = world.startAll(1).get(0);
    assertThat(code(format(node, "farm", 3, 0, 4, 22))).isEqualTo(ResultCode.NO_STORE);
    assertThat(code(format(node, "plain", 32, 0, 4, 22))).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(code(format(node, "plain", 6, 0x22, 4, 22))).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(code(format(node, "plain", 3, 0, 4, 19))).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(code(format(node, "plain", 3, 0, ClusterFlags.RECYCLE_VID, 22)))
        .isEqualTo(ResultCode.NO_SUPPORT);
    assertThat(node.agent.state().status()).isEqualTo(ClusterStatus.WAIT_FORMAT);
    assertThat(code(format(node, "tree", 3, 0, 4, 22))).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void theNodeListIsInAddressOrderWithTheIndexesOf2010() {
    List<Node> nodes = world.running(3);
    for (Node node : nodes) {
      Reply reply = ask(node, Opcode.GET_NODE_LIST, NODE_LIST_ROOM);
      List<NodeEntry> entries = NodeEntry.decodeList(reply.payload(), 3);
      assertThat(entries)
          .extracting(NodeEntry::address)
          .containsExactly(AgentWorld.address(1), AgentWorld.address(2), AgentWorld.address(3));
      assertThat(entries).extracting(NodeEntry::vnodes).containsOnly(128);
      assertThat(reply.header().body()).isInstanceOf(NodeReply.class);
      NodeReply body = (NodeReply) reply.header().body();
      assertThat(body.nodeCount()).isEqualTo(3);
      assertThat(entries.get(body.localIndex()).address())
          .isEqualTo(node.agent.self().node().address());
      assertThat(nodes.stream().filter(n -> n.agent.isOldest()).findFirst())
          .map(n -> n.agent.self().node().address())
          .contains(entries.get(body.masterIndex()).address());
    }
    assertThat(code(ask(nodes.get(0), Opcode.GET_NODE_LIST, 239)))
        .isEqualTo(ResultCode.BUFFER_SMALL);
  }

  @Test
  void aNodeThatIsNoMemberYetHasAnEmptyList() {
    Node node = world.start(1);
    Reply reply = ask(node, Opcode.GET_NODE_LIST, NODE_LIST_ROOM);
    assertThat(code(reply)).isEqualTo(ResultCode.SUCCESS);
    assertThat(reply.header().dataLength()).isZero();
    assertThat(code(ask(node, Opcode.STAT_CLUSTER, 48, ClusterBody.status(0))))
        .isEqualTo(ResultCode.STARTUP);
  }

  @Test
  void theEpochLogComesNewestFirstAndOnlyTheNewestCarriesTheConfiguration() {
    List<Node> nodes = world.running(2);
    nodes.add(world.start(3));
    world.until(() -> AgentWorld.allServe(nodes, 2));
    Reply reply =
        ask(nodes.get(1), Opcode.STAT_CLUSTER, 5 * EpochLogEntry.size(4), ClusterBody.status(4));
    assertThat(code(reply)).isEqualTo(ResultCode.SUCCESS);
    List<EpochLogEntry> entries = EpochLogEntry.decodeList(reply.payload(), 4);
    assertThat(entries)
        .extracting(EpochLogEntry::epoch)
        .containsExactly(new Epoch(2), new Epoch(1));
    assertThat(entries.get(0).nodes()).hasSize(3);
    assertThat(entries.get(1).nodes()).hasSize(2);
    assertThat(entries).extracting(EpochLogEntry::copies).containsExactly(3, 0);
    assertThat(entries).extracting(EpochLogEntry::driverName).containsExactly("plain", "");
    assertThat(
            code(
                ask(
                    nodes.get(1),
                    Opcode.STAT_CLUSTER,
                    EpochLogEntry.size(2),
                    ClusterBody.status(2))))
        .isEqualTo(ResultCode.BUFFER_SMALL);
    Reply bare = ask(nodes.get(1), Opcode.STAT_CLUSTER, 48, ClusterBody.status(0));
    assertThat(EpochLogEntry.decodeList(bare.payload(), 0))
        .singleElement()
        .matches(entry -> entry.nodes().isEmpty() && entry.time() == 0);
  }

  @Test
  void anEpochIsAnsweredWithItsNodesAndTime() {
    List<Node> nodes = world.running(2);
    ObjectBody body = ObjectBody.of(new ObjectId(0), 0).withTargetEpoch(new Epoch(1));
    Reply reply = ask(nodes.get(0), Opcode.GET_EPOCH, 1024, body);
    assertThat(reply.header().dataLength()).isEqualTo(2 * NodeEntry.SIZE + 8);
    assertThat(code(ask(nodes.get(0), Opcode.GET_EPOCH, 167, body)))
        .isEqualTo(ResultCode.BUFFER_SMALL);
    assertThat(code(ask(nodes.get(0), Opcode.GET_EPOCH, 1024, body.withTargetEpoch(new Epoch(9)))))
        .isEqualTo(ResultCode.NO_TAG);
  }

  private VdiId create(Node node, String name) {
    Outcome outcome =
        world
            .await(
                node.agent.propose(History.reservation(ReserveKind.CREATE, name, VdiId.NONE, "x")))
            .outcome();
    assertThat(outcome).isInstanceOf(Outcome.Reserved.class);
    Outcome.Reserved reserved = (Outcome.Reserved) outcome;
    world.await(
        node.agent.propose(
            new VdiCommit(reserved.entry().vid(), History.header(reserved.entry()))));
    return reserved.entry().vid();
  }

  @Test
  void lockedVdisNameTheNodeThroughWhichTheyAreOpen() {
    List<Node> nodes = world.running(2);
    VdiId a = create(nodes.get(0), "a");
    VdiId b = create(nodes.get(0), "b");
    world.await(
        nodes.get(1).agent.propose(new LockAcquire(b, "x", LockKind.CLIENT, History.BIRTH)));
    world.pass(Duration.ofSeconds(1));
    Reply reply = ask(nodes.get(0), Opcode.GET_VDI_COPIES, 10 * VdiStatePayload.SIZE);
    List<VdiStatePayload> states = VdiStatePayload.decodeList(reply.payload());
    assertThat(states).extracting(VdiStatePayload::vid).containsExactly(a, b);
    assertThat(states.get(0).lockState()).isEqualTo(LockState.UNLOCKED);
    assertThat(states.get(1).lockState()).isEqualTo(LockState.LOCKED);
    assertThat(states.get(1).lockOwner()).isEqualTo(nodes.get(1).agent.self().node().address());
    assertThat(code(ask(nodes.get(0), Opcode.GET_VDI_COPIES, 2 * VdiStatePayload.SIZE - 1)))
        .isEqualTo(ResultCode.BUFFER_SMALL);
  }

  @Test
  void bitmapsAreAskedForInOneSizeOnly() {
    Node node = world.running(1).get(0);
    VdiId vid = create(node, "a");
    VdiBitmap used = VdiBitmap.decode(ask(node, Opcode.READ_VDIS, VdiBitmap.SIZE).payload());
    assertThat(used.cardinality()).isEqualTo(1);
    assertThat(used.get(vid)).isTrue();
    VdiBitmap deleted = VdiBitmap.decode(ask(node, Opcode.READ_DEL_VDIS, VdiBitmap.SIZE).payload());
    assertThat(deleted.cardinality()).isZero();
    assertThat(code(ask(node, Opcode.READ_VDIS, 4096))).isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void theNodeTellsItsCapacityAndThatNothingRecovers() {
    Node node = world.running(1).get(0);
    Reply reply = ask(node, Opcode.STAT_SHEEP, 0);
    StoreSpace space = node.platform.objects().space().toCompletableFuture().join();
    assertThat(reply.header().body()).isEqualTo(new NodeReply(0, space.total(), space.free()));
    assertThat(
            RecoveryStatePayload.decode(
                    ask(node, Opcode.STAT_RECOVERY, RecoveryStatePayload.SIZE).payload())
                .inRecovery())
        .isFalse();
    ByteBuf stores = ask(node, Opcode.GET_STORE_LIST, 512).payload();
    assertThat(stores.toString(StandardCharsets.US_ASCII)).isEqualTo("tree plain ");
  }

  @Test
  void requestsAreCountedPerSide() {
    RequestCounters counters = new RequestCounters();
    Request write = Request.of(Opcode.WRITE_OBJ, RequestFlags.WRITE, 512, RawBody.EMPTY);
    Request read = Request.of(Opcode.PEER_READ, RequestFlags.NONE, 512, RawBody.EMPTY);
    counters.begun(write);
    counters.begun(read);
    counters.begun(Request.of(Opcode.STAT, RawBody.EMPTY));
    SheepStat stat = counters.statistics();
    assertThat(stat.gatewayActive()).isEqualTo(1);
    assertThat(stat.gatewayWrites()).isEqualTo(1);
    assertThat(stat.gatewayReceived()).isEqualTo(512);
    assertThat(stat.peerReads()).isEqualTo(1);
    assertThat(stat.gatewayTotal()).isEqualTo(1);
  }

  @Test
  void theLogLevelIsKeptWithinItsRange() {
    Node node = world.running(1).get(0);
    assertThat(code(tell(node, Opcode.SET_LOGLEVEL, new byte[] {7, 0, 0, 0}, RawBody.EMPTY)))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(ask(node, Opcode.GET_LOGLEVEL, 4).payload().readIntLE()).isEqualTo(7);
    assertThat(code(tell(node, Opcode.SET_LOGLEVEL, new byte[] {8, 0, 0, 0}, RawBody.EMPTY)))
        .isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(code(tell(node, Opcode.SET_LOGLEVEL, new byte[] {1}, RawBody.EMPTY)))
        .isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(control.level).isEqualTo(7);
  }

  @Test
  void recoveryIsSwitchedOffAndOnForTheWholeCluster() {
    Node node = world.running(1).get(0);
    assertThat(isRecoveryDisabled(node)).isFalse();
    assertThat(code(ask(node, Opcode.DISABLE_RECOVER, 0))).isEqualTo(ResultCode.SUCCESS);
    assertThat(isRecoveryDisabled(node)).isTrue();
    assertThat(code(ask(node, Opcode.ENABLE_RECOVER, 0))).isEqualTo(ResultCode.SUCCESS);
    assertThat(isRecoveryDisabled(node)).isFalse();
  }

  private boolean isRecoveryDisabled(Node node) {
    return ClusterInfoPayload.decode(
            ask(node, Opcode.CLUSTER_INFO, ClusterInfoPayload.SIZE).payload())
        .recoveryDisabled();
  }

  @Test
  void theThrottleOfRecoveryAppliesOnceBothNumbersAreAboveZero() {
    Node node = world.running(1).get(0);
    assertThat(throttle(node)).isEqualTo(new RecoveryThrottle(0, 0, false));
    setThrottle(node, new RecoveryThrottle(10, 1000, true));
    assertThat(throttle(node)).isEqualTo(new RecoveryThrottle(10, 1000, true));
    setThrottle(node, new RecoveryThrottle(10, 0, true));
    assertThat(throttle(node)).isEqualTo(new RecoveryThrottle(10, 0, false));
    assertThat(code(tell(node, Opcode.SET_RECOVERY, new byte[23], RawBody.EMPTY)))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }

  private RecoveryThrottle throttle(Node node) {
    return RecoveryThrottle.decode(ask(node, Opcode.GET_RECOVERY, RecoveryThrottle.SIZE).payload());
  }

  private void setThrottle(Node node, RecoveryThrottle throttle) {
    ByteBuf bytes = Unpooled.buffer();
    throttle.encode(bytes);
    assertThat(code(tell(node, Opcode.SET_RECOVERY, ByteBufUtil.getBytes(bytes), RawBody.EMPTY)))
        .isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void killAndForcedRecoveryAnswerAsSpecified() {
    Node node = world.running(1).get(0);
    assertThat(code(ask(node, Opcode.KILL_NODE, 0))).isEqualTo(ResultCode.SUCCESS);
    assertThat(control.killed).isTrue();
    assertThat(code(ask(node, Opcode.FORCE_RECOVER, NODE_LIST_ROOM)))
        .isEqualTo(ResultCode.FORCE_RECOVER);
  }

  @Test
  void aNodeIsWeighedAgain() {
    Node node = world.running(1).get(0);
    long before = node.agent.self().node().space();
    assertThat(code(ask(node, Opcode.REWEIGHT, 0))).isEqualTo(ResultCode.SUCCESS);
    long now = world.await(node.platform.objects().space()).total();
    assertThat(now).isNotEqualTo(before);
    assertThat(node.agent.self().node().space()).isEqualTo(now);
    assertThat(node.platform.meta().announcedSpace()).isEqualTo(now);
    assertThat(node.agent.state().epoch()).isEqualTo(new Epoch(2));

    assertThat(code(ask(node, Opcode.REWEIGHT, 0))).isEqualTo(ResultCode.SUCCESS);
    assertThat(node.agent.state().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void theOneDiskOfANodeIsShown() {
    Node node = world.running(1).get(0);
    Reply reply = ask(node, Opcode.MD_INFO, MdInfo.SIZE);
    MdInfo info = MdInfo.decode(reply.payload());
    assertThat(info.disks())
        .singleElement()
        .satisfies(disk -> assertThat(disk.path()).isEqualTo("/store/obj"))
        .satisfies(disk -> assertThat(disk.free()).isPositive());
    assertThat(code(ask(node, Opcode.MD_INFO, 1))).isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void shutdownIsAnsweredAndSeenByAll() {
    List<Node> nodes = world.running(3);
    assertThat(code(ask(nodes.get(2), Opcode.SHUTDOWN, 0))).isEqualTo(ResultCode.SUCCESS);
    world.until(
        () -> nodes.stream().allMatch(n -> n.agent.state().status() == ClusterStatus.SHUTDOWN));
    assertThat(code(ask(nodes.get(0), Opcode.STAT_CLUSTER, 48, ClusterBody.status(0))))
        .isEqualTo(ResultCode.SHUTDOWN);
  }
}
