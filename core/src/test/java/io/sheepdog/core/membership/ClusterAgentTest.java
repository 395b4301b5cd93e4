package io.sheepdog.core.membership;

import static io.sheepdog.core.membership.AgentWorld.address;
import static io.sheepdog.core.membership.AgentWorld.allServe;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.History;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.AgentWorld.Disk;
import io.sheepdog.core.membership.AgentWorld.Node;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClusterAgentTest {
  private static final int SEEDS = 15;

  private static void assertSameState(List<Node> nodes) {
    for (Node node : nodes) {
      ClusterState first = nodes.get(0).agent.state();
      ClusterState state = node.agent.state();
      assertThat(state.sequence()).isEqualTo(first.sequence());
      assertThat(state).isEqualTo(first);
    }
  }

  private static ReserveEvents reserving(AgentWorld world, Node node) {
    return new ReserveEvents(world, node);
  }

  /** Sends events one after the other, as fast as they are applied. */
  private record ReserveEvents(AgentWorld world, Node node) {
    void send(int count) {
      if (count > 0) {
        node.agent
            .propose(History.reservation(ReserveKind.CREATE, "vdi" + count, VdiId.NONE, "10.1.1.1"))
            .thenAccept(applied -> send(count - 1));
      }
    }
  }

  @Test
  void threeNodesThatStartInTheSameInstantFoundOneCluster() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = world.startAll(3);
      world.pass(Duration.ofSeconds(5));
      assertSameState(nodes);
      assertThat(nodes.get(0).agent.state().status()).isEqualTo(ClusterStatus.WAIT_FORMAT);
      assertThat(nodes).filteredOn(node -> node.agent.isOldest()).hasSize(1);
      assertThat(nodes).allMatch(node -> node.refusals.isEmpty() && node.failures.isEmpty());
    }
  }

  @Test
  void sixteenNodesJoinAtOnce() {
    AgentWorld world = new AgentWorld(1);
    List<Node> nodes = world.startAll(16);
    world.format(nodes.get(15));
    world.until(() -> allServe(nodes, 1));
    assertThat(nodes.get(3).agent.ring().zones()).isEqualTo(16);
  }

  @Test
  void aFormatIsOnDiskOfAMajorityWhenItIsConfirmed() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = world.startAll(3);
      Applied applied = world.format(nodes.get(1));
      assertThat(applied.outcome()).isEqualTo(Outcome.Done.INSTANCE);
      assertThat(nodes)
          .filteredOn(node -> node.meta.config() != null && !node.meta.epochs().isEmpty())
          .hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aNodeJoinsARunningClusterWhileEventsFlow() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = new ArrayList<>(world.running(3));
      reserving(world, nodes.get(0)).send(200);
      Node late = world.start(4);
      nodes.add(late);
      world.until(() -> allServe(nodes, 2));
      world.pass(Duration.ofSeconds(30));
      assertSameState(nodes);
      assertThat(late.agent.state().directory().reservations()).hasSize(200);
      assertThat(late.meta.epochs())
          .extracting("epoch")
          .containsExactly(new Epoch(1), new Epoch(2));
    }
  }

  @Test
  void theNextOldestSendsTheStateWhenTheOldestDiesMeanwhile() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = new ArrayList<>(world.running(3));
      reserving(world, nodes.get(1)).send(100);
      Node late = world.start(4);
      world.until(() -> nodes.get(0).agent.state().members().size() == 4 || late.agent.synced());
      Node oldest = nodes.stream().filter(node -> node.agent.isOldest()).findFirst().orElseThrow();
      oldest.kill();
      nodes.remove(oldest);
      nodes.add(late);
      world.until(
          () -> nodes.stream().allMatch(node -> node.agent.state().syncedMembers().size() == 3));
      world.pass(Duration.ofSeconds(30));
      assertSameState(nodes);
    }
  }

  @Test
  void aDaemonThatRestartsBeforeItsDeathIsNoticedIsTakenInWhenItIs() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = new ArrayList<>(world.running(3));
      nodes.remove(2).kill();
      Node again = world.start(disk(world, 3));
      nodes.add(again);
      world.until(
          () -> again.agent.synced() && nodes.get(0).agent.state().syncedMembers().size() == 3);
      world.pass(Duration.ofSeconds(5));
      assertSameState(nodes);
      assertThat(again.refusals).isEmpty();
    }
  }

  private static Disk disk(AgentWorld world, int number) {
    return world.disk(number);
  }

  @Test
  void everyMemberHasAppliedWhatIsConfirmedByAll() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = world.running(3);
      Applied applied =
          world.await(
              nodes
                  .get(0)
                  .agent
                  .proposeAndConfirm(
                      History.reservation(ReserveKind.CREATE, "a", VdiId.NONE, "x"),
                      Extent.EVERY_MEMBER));
      assertThat(nodes).allMatch(node -> node.agent.state().sequence() >= applied.sequence());
    }
  }

  @Test
  void aMemberThatIsSlowHoldsUpEveryMemberButNotAQuorum() {
    AgentWorld world = new AgentWorld(3);
    List<Node> nodes = world.running(3);
    nodes.get(2).process.pause(Duration.ofSeconds(4).toNanos());
    Node first = nodes.get(0);
    CompletableFuture<Applied> all =
        first
            .agent
            .proposeAndConfirm(
                History.reservation(ReserveKind.CREATE, "a", VdiId.NONE, "x"), Extent.EVERY_MEMBER)
            .toCompletableFuture();
    world.await(
        first.agent.proposeAndConfirm(
            History.reservation(ReserveKind.CREATE, "b", VdiId.NONE, "x"), Extent.QUORUM));
    world.pass(Duration.ofSeconds(2));
    assertThat(all).isNotDone();
    world.until(all::isDone);
    assertThat(nodes.get(2).agent.state().sequence()).isGreaterThanOrEqualTo(all.join().sequence());
  }

  @Test
  void aMemberThatDiesStopsCounting() {
    AgentWorld world = new AgentWorld(4);
    List<Node> nodes = world.running(3);
    nodes.get(2).process.pause(Duration.ofHours(10).toNanos());
    CompletableFuture<Applied> all =
        nodes
            .get(0)
            .agent
            .proposeAndConfirm(
                History.reservation(ReserveKind.CREATE, "a", VdiId.NONE, "x"), Extent.EVERY_MEMBER)
            .toCompletableFuture();
    world.pass(Duration.ofSeconds(2));
    assertThat(all).isNotDone();
    nodes.get(2).kill();
    world.until(all::isDone);
    assertThat(nodes.get(0).agent.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(nodes.get(1).agent.state().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void aRefusalIsNotConfirmed() {
    AgentWorld world = new AgentWorld(5);
    List<Node> nodes = world.running(2);
    Applied applied =
        world.await(
            nodes
                .get(0)
                .agent
                .proposeAndConfirm(
                    new LockAcquire(new VdiId(5), "x", LockKind.CLIENT, SheepTime.NONE),
                    Extent.EVERY_MEMBER));
    assertThat(applied.outcome()).isEqualTo(new Outcome.Refused(ResultCode.NO_VDI));
  }

  @Test
  void proposalsBeforeAndAfterTheMembershipAreRefused() {
    AgentWorld world = new AgentWorld(6);
    Node node = world.start(1);
    assertThat(world.await(node.agent.propose(new Shutdown())).outcome())
        .isEqualTo(new Outcome.Refused(ResultCode.STARTUP));
    world.until(node.agent::synced);
    CompletableFuture<Applied> open =
        node.agent.propose(new VdiAbort(new VdiId(5))).toCompletableFuture();
    node.agent.leave();
    assertThat(open.join().outcome()).isEqualTo(new Outcome.Refused(ResultCode.CLUSTER_ERROR));
    assertThat(world.await(node.agent.propose(new Shutdown())).outcome())
        .isEqualTo(new Outcome.Refused(ResultCode.CLUSTER_ERROR));
  }

  @Test
  void theEpochIsOnDiskBeforeItIsServed() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = world.running(3);
      List<Epoch> servedUnlogged = new ArrayList<>();
      Node node = nodes.get(0);
      node.agent.whenEpochServed(
          new Epoch(2),
          () -> {
            if (node.meta.epochs().stream()
                .noneMatch(record -> record.epoch().equals(new Epoch(2)))) {
              servedUnlogged.add(new Epoch(2));
            }
          });
      nodes.get(2).kill();
      world.until(() -> node.agent.servingEpoch().equals(new Epoch(2)));
      assertThat(servedUnlogged).isEmpty();
    }
  }

  private static List<Disk> disks(List<Node> nodes) {
    return nodes.stream().map(node -> node.disk).toList();
  }

  @Test
  void afterAPowerLossTheClusterResumesInTheSameEpochWhenAllAreBack() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> before = world.running(3);
      before.forEach(Node::kill);
      world.pass(Duration.ofSeconds(5));
      List<Node> after = disks(before).stream().map(world::start).toList();
      world.until(() -> allServe(after, 1));
      assertSameState(after);
      assertThat(after.get(0).agent.state().history()).hasSize(1);
      assertThat(after).allMatch(node -> !node.meta.cleanShutdown());
    }
  }

  @Test
  void aNewNodeThatComesWhileTheClusterStartsIsTakenIn() {
    for (long seed = 0; seed < 10 * SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> before = world.running(3);
      before.forEach(Node::kill);
      world.pass(Duration.ofSeconds(5));
      List<Node> after = new ArrayList<>();
      disks(before).forEach(disk -> after.add(world.start(disk)));
      world.pass(Duration.ofMillis(seed % 40));
      after.add(world.start(4));
      world.until(() -> allServe(after, 2));
      world.pass(Duration.ofMinutes(1));
      assertThat(after).as("seed " + seed).allMatch(node -> node.agent.synced());
      assertSameState(after);
    }
  }

  @Test
  void aClusterThatMissesANodeWaitsAndNamesIt() {
    AgentWorld world = new AgentWorld(8);
    List<Node> before = world.running(3);
    before.forEach(Node::kill);
    world.pass(Duration.ofSeconds(5));
    Node first = world.start(before.get(0).disk);
    Node second = world.start(before.get(1).disk);
    world.until(() -> first.agent.synced() && second.agent.synced());
    world.pass(Duration.ofMinutes(10));
    assertThat(first.agent.state().status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    assertThat(first.agent.servingEpoch()).isEqualTo(Epoch.ZERO);
    assertThat(second.agent.missingNodes()).extracting(EpochNode::storeId).containsExactly(1003L);
    Node third = world.start(before.get(2).disk);
    world.until(() -> allServe(List.of(first, second, third), 1));
  }

  @Test
  void theOneThatSawTheLastEpochDecidesForWhomIsWaited() {
    AgentWorld world = new AgentWorld(9);
    List<Node> before = world.running(3);
    before.get(0).kill();
    world.until(() -> allServe(before.subList(1, 3), 2));
    before.subList(1, 3).forEach(Node::kill);
    world.pass(Duration.ofSeconds(5));
    Node stale = world.start(before.get(0).disk);
    world.pass(Duration.ofSeconds(5));
    assertThat(stale.agent.missingNodes())
        .extracting(EpochNode::storeId)
        .containsExactly(1002L, 1003L);
    Node second = world.start(before.get(1).disk);
    world.until(second.agent::synced);
    assertThat(stale.agent.state().epoch()).isEqualTo(new Epoch(2));
    Node third = world.start(before.get(2).disk);
    world.until(() -> allServe(List.of(stale, second, third), 3));
    assertThat(stale.meta.epochs())
        .extracting("epoch")
        .containsExactly(new Epoch(1), new Epoch(2), new Epoch(3));
  }

  private static void putInode(AgentWorld world, Node node, InodeHeader header) {
    ByteBuf data = Unpooled.buffer(InodeLayout.HEADER_SIZE);
    header.encode(data);
    StoreStatus status =
        world.await(
            node.objects.create(
                ObjectId.inode(header.vdiId()),
                new ObjectAttributes(InodeLayout.FULL_SIZE, 3, 0, new Epoch(1)),
                0,
                data));
    data.release();
    assertThat(status).isEqualTo(StoreStatus.OK);
  }

  private static InodeHeader header(
      String name, VdiId vid, int snapshotId, VdiId parent, String tag) {
    return new InodeHeader(
        name,
        tag,
        new SheepTime(snapshotId),
        SheepTime.NONE,
        0,
        1 << 30,
        0,
        0,
        0,
        3,
        22,
        snapshotId,
        vid,
        parent,
        0);
  }

  @Test
  void theDirectoryIsReadFromTheStoresAndTheFirstReplicaCounts() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> before = world.running(3);
      VdiId a = new VdiId(10);
      VdiId b = new VdiId(11);
      for (Node node : before) {
        putInode(world, node, header("a", a, 1, VdiId.NONE, "by" + node.disk.number));
      }
      putInode(world, before.get(1), header("a", b, 2, a, ""));
      int first =
          before.get(0).agent.ring().targets(ObjectId.inode(a), 3).get(0).toString().charAt(7)
              - '0';
      before.forEach(Node::kill);
      world.pass(Duration.ofSeconds(5));
      List<Node> after = disks(before).stream().map(world::start).toList();
      world.until(() -> allServe(after, 1));
      assertSameState(after);
      VdiEntry old = Objects.requireNonNull(after.get(2).agent.state().directory().entry(a));
      assertThat(old.tag()).isEqualTo("by" + first);
      assertThat(old.state()).isEqualTo(VdiEntry.State.SNAPSHOT);
      assertThat(after.get(2).agent.state().directory().head("a"))
          .isNotNull()
          .extracting(VdiEntry::vid)
          .isEqualTo(b);
    }
  }

  @Test
  void aReturningNodeSetsItsOldObjectsAsideBeforeItServes() {
    AgentWorld world = new AgentWorld(10);
    List<Node> nodes = new ArrayList<>(world.running(3));
    Node leaver = nodes.get(2);
    putInode(world, leaver, header("a", new VdiId(10), 1, VdiId.NONE, ""));
    leaver.kill();
    world.until(() -> allServe(nodes.subList(0, 2), 2));
    Node back = world.start(leaver.disk);
    world.until(() -> back.agent.servingEpoch().equals(new Epoch(3)));
    ObjectId oid = ObjectId.inode(new VdiId(10));
    assertThat(back.objects.holds(oid)).isFalse();
    assertThat(world.await(back.objects.readSetAside(oid, new Epoch(1), 0, 8)).status())
        .isEqualTo(StoreStatus.OK);
  }

  @Test
  void anObjectThatMovesToOthersIsSetAsideAndTheRestStays() {
    AgentWorld world = new AgentWorld(11);
    List<Node> nodes = new ArrayList<>(world.running(3));
    Node holder = nodes.get(0);
    for (int i = 1; i <= 40; i++) {
      putInode(world, holder, header("v" + i, new VdiId(i), 1, VdiId.NONE, ""));
    }
    nodes.add(world.start(4));
    world.until(() -> allServe(nodes, 2));
    int moved = 0;
    for (int i = 1; i <= 40; i++) {
      ObjectId oid = ObjectId.inode(new VdiId(i));
      boolean isTarget = holder.agent.ring().targets(oid, 3).contains(address(1));
      assertThat(holder.objects.holds(oid)).isEqualTo(isTarget);
      moved += isTarget ? 0 : 1;
    }
    assertThat(moved).isBetween(1, 39);
  }

  @Test
  void aStoreOfAnotherClusterIsRefusedWithBothBirthdays() {
    AgentWorld world = new AgentWorld(12);
    List<Node> nodes = world.running(2);
    Disk foreign = world.disk(9);
    Node never = world.new Node(foreign);
    ClusterConfig other =
        new ClusterConfig(new SheepTime(77L << 32), 1, 0, 22, ClusterFlags.AUTO_VNODES);
    world.await(never.meta.saveConfig(other, false));
    world.await(never.meta.saveEpoch(nodes.get(0).agent.state().history().get(0)));
    Node refused = world.start(foreign);
    world.until(() -> !refused.refusals.isEmpty());
    assertThat(refused.refusals.get(0))
        .contains(other.ctime().toString())
        .contains(AgentWorld.CONFIG.ctime().toString());
    world.pass(Duration.ofSeconds(5));
    assertThat(nodes.get(0).agent.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(nodes.get(0).agent.state().refused()).isEmpty();
  }

  @Test
  void shutdownLeavesTheMarkAndTheNextStartTakesItAway() {
    AgentWorld world = new AgentWorld(13);
    List<Node> nodes = world.running(3);
    nodes.get(1).agent.propose(new Shutdown());
    world.until(() -> nodes.stream().allMatch(node -> node.shutDown));
    assertThat(nodes).allMatch(node -> node.meta.cleanShutdown());
    nodes.forEach(Node::kill);
    world.pass(Duration.ofSeconds(5));
    List<Node> after = disks(nodes).stream().map(world::start).toList();
    world.until(() -> allServe(after, 1));
    assertThat(after).noneMatch(node -> node.meta.cleanShutdown());
  }

  @Test
  void aMessageThatNobodyUnderstandsIsIgnoredByAllAlike() {
    AgentWorld world = new AgentWorld(14);
    List<Node> nodes = world.running(3);
    nodes.get(0).driver.multicast(new byte[] {99, 1, 2});
    world.pass(Duration.ofSeconds(2));
    assertSameState(nodes);
    assertThat(nodes).allMatch(node -> node.warnings.size() == 1);
  }

  @Test
  void theOldestMemberSaysWhenAnEpochBeganThatADepartureCaused() {
    AgentWorld world = new AgentWorld(15);
    List<Node> nodes = world.running(3);
    world.pass(Duration.ofMinutes(5));
    SheepTime before = nodes.get(0).process.wallTime();
    nodes.get(2).kill();
    world.until(() -> allServe(nodes.subList(0, 2), 2));
    world.pass(Duration.ofSeconds(5));
    assertThat(nodes.get(1).meta.epochs().get(1).time()).isGreaterThan(before);
    assertSameState(nodes.subList(0, 2));
  }

  @Test
  void listenersSeeEveryStepFromTheCompleteStateOn() {
    AgentWorld world = new AgentWorld(16);
    List<Node> nodes = world.running(2);
    Node late = world.start(3);
    List<ClusterState> seen = new ArrayList<>();
    late.agent.addListener(
        (before, after, sender, event, outcome) -> {
          assertThat(before)
              .isEqualTo(seen.isEmpty() ? ClusterState.INITIAL : seen.get(seen.size() - 1));
          assertThat(late.agent.state()).isSameAs(after);
          seen.add(after);
        });
    world.until(late.agent::synced);
    world.await(
        nodes.get(0).agent.propose(History.reservation(ReserveKind.CREATE, "a", VdiId.NONE, "x")));
    world.pass(Duration.ofSeconds(2));
    assertThat(seen).hasSizeGreaterThan(1);
    assertThat(seen.get(0).members().values()).extracting(Member::synced).containsOnly(true);
  }
}
