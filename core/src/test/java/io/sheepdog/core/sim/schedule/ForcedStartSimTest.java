package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All nodes end, some never come back, and an operator has the others go on; five nodes, two
 * copies, one disk with data.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ForcedStartSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";
  private static final int COPIES = 2;

  private final SplittableRandom random = new SplittableRandom(4712);
  private final Geometry geometry = new Geometry(16, 2, 512);
  private final SimWorld world =
      new SimWorld(random.split(), new WorldShape(5, COPIES, geometry), new Mistake() {}, false);
  private final SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
  private final Scenario scenario = new Scenario(world, admin);
  private long lastValue;
  private final DiskStory disk =
      new DiskStory(world, NAME, new long[geometry.blocks()], 3, random.split(), () -> ++lastValue);

  @BeforeEach
  void aDiskHasData() {
    scenario.startCluster(COPIES, 0);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
    until(world::isRecovered);
  }

  private void until(BooleanSupplier condition) {
    scenario.until(condition);
  }

  private void pass(long nanos) {
    scenario.pass(nanos);
  }

  private SimNode node(int number) {
    return world.nodes().get(number);
  }

  private void endAll() {
    world.living().forEach(world::crashAnyway);
    pass(SECOND);
  }

  private void bringBack(Collection<Integer> numbers) {
    numbers.forEach(number -> world.bringBack(node(number)));
    until(() -> world.living().stream().allMatch(node -> node.node().agent().synced()));
    pass(SECOND);
  }

  private void pauseRecovery(boolean paused) {
    SimNode node = world.living().get(0);
    node.process().execute(() -> node.node().agent().propose(new RecoverySwitch(paused)));
    until(
        () ->
            world.living().stream()
                .allMatch(n -> n.node().agent().state().recovery().paused() == paused));
  }

  private ClusterState stateOf(int number) {
    return node(number).node().agent().state();
  }

  private ResultCode force(int number, int epoch) {
    Request request =
        Request.of(Opcode.FORCE_RECOVER, RequestFlags.NONE, 64 * NodeEntry.SIZE, RawBody.EMPTY);
    var forced = node(number).ask(request.withEpoch(new Epoch(epoch)));
    until(forced::isDone);
    return forced.join();
  }

  /** Blocks that cannot be read any more; the others have to be what was acknowledged. */
  private List<Integer> lostBlocks() {
    List<Integer> lost = new ArrayList<>();
    for (SimNode node : world.living()) {
      lost.clear();
      for (int block = 0; block < geometry.blocks(); block++) {
        var read = admin.readBlock(node.address(), NAME, geometry, block);
        until(read::isDone);
        OptionalLong value = read.join();
        assertThat(value).as("block %s through %s", block, node).isNotNull();
        if (value.isEmpty()) {
          lost.add(block);
        } else {
          disk.history().read(node, block, value.getAsLong());
        }
      }
    }
    assertThat(world.queue().problem()).isNull();
    return lost;
  }

  /** Blocks whose objects have all their copies on those nodes. */
  private List<Integer> blocksOnlyOn(List<Integer> numbers) {
    Ring ring = node(0).node().agent().ring(new Epoch(1));
    List<NodeAddress> nodes = numbers.stream().map(number -> node(number).address()).toList();
    List<Integer> blocks = new ArrayList<>();
    for (int block = 0; block < geometry.blocks(); block++) {
      ObjectId oid = ObjectId.data(vid(), geometry.objectOf(block));
      if (nodes.containsAll(ring.targets(oid, COPIES))) {
        blocks.add(block);
      }
    }
    return blocks;
  }

  private VdiId vid() {
    for (VdiEntry entry : stateOf(0).directory().entries()) {
      if (entry.state() == VdiEntry.State.HEAD) {
        return entry.vid();
      }
    }
    throw new AssertionError("no head");
  }

  /** Two nodes that have some of the data for themselves, but not the inode. */
  private List<Integer> pairWithDataOfItsOwn() {
    Ring ring = node(0).node().agent().ring(new Epoch(1));
    List<NodeAddress> inode = ring.targets(ObjectId.inode(vid()), COPIES);
    for (int a = 0; a < 5; a++) {
      for (int b = 0; b < a; b++) {
        List<NodeAddress> pair = List.of(node(a).address(), node(b).address());
        if (!pair.containsAll(inode) && !blocksOnlyOn(List.of(b, a)).isEmpty()) {
          return List.of(b, a);
        }
      }
    }
    throw new AssertionError("no such pair");
  }

  private static List<Integer> allBut(Collection<Integer> numbers) {
    List<Integer> others = new ArrayList<>(List.of(0, 1, 2, 3, 4));
    others.removeAll(numbers);
    return others;
  }

  @Test
  void withoutOneNodeNothingIsLostAndEverythingHasItsCopiesAgain() {
    endAll();
    bringBack(List.of(0, 1, 2, 4));
    assertThat(stateOf(0).status()).isEqualTo(ClusterStatus.WAIT_JOIN);
    assertThat(force(1, 1)).isEqualTo(ResultCode.SUCCESS);

    until(world::isRecovered);
    until(world::isPurged);
    assertThat(stateOf(0).epoch()).isEqualTo(new Epoch(2));
    assertThat(lostBlocks()).isEmpty();
  }

  @Test
  void whatWasOnTheMissingNodesOnlyIsSaidToBeLostAndTheRestIsServed() {
    List<Integer> gone = pairWithDataOfItsOwn();
    List<Integer> expected = blocksOnlyOn(gone);
    List<Integer> before = lostBlocks();
    assertThat(before).isEmpty();
    pauseRecovery(true);
    endAll();
    bringBack(allBut(gone));
    assertThat(force(allBut(gone).get(2), 1)).isEqualTo(ResultCode.SUCCESS);
    until(world::allServe);

    List<Integer> lost = lostBlocks();
    assertThat(lost).isNotEmpty();
    assertThat(expected).containsAll(lost);
    pauseRecovery(false);
    until(world::isRecovered);
    until(world::isPurged);
    assertThat(lostBlocks()).isEqualTo(lost);
  }

  @Test
  void whoComesBackAfterwardsIsANewNodeAndBringsNothingOldBack() {
    List<Integer> gone = pairWithDataOfItsOwn();
    endAll();
    bringBack(allBut(gone));
    assertThat(force(allBut(gone).get(0), 1)).isEqualTo(ResultCode.SUCCESS);
    until(world::isRecovered);
    List<Integer> lost = lostBlocks();

    bringBack(gone);
    until(world::isRecovered);
    until(world::isPurged);
    assertThat(lostBlocks()).isEqualTo(lost);
  }

  @Test
  void aClusterThatHasWhomItNeedsRefuses() {
    assertThat(force(0, 1)).isEqualTo(ResultCode.FORCE_RECOVER);
    endAll();
    bringBack(List.of(0, 1, 2, 3));
    assertThat(force(0, 7)).isEqualTo(ResultCode.INVALID_EPOCH);
    bringBack(List.of(4));
    until(world::isRecovered);
    assertThat(stateOf(0).epoch()).isEqualTo(new Epoch(1));
    assertThat(lostBlocks()).isEmpty();
  }

  @Test
  void ofTwoHalvesThatBothWentOnNeitherIsTakenForTheOther() {
    endAll();
    bringBack(List.of(0, 1));
    assertThat(force(0, 1)).isEqualTo(ResultCode.SUCCESS);
    until(world::allServe);
    endAll();
    bringBack(List.of(2, 3));
    assertThat(force(3, 1)).isEqualTo(ResultCode.SUCCESS);
    until(world::allServe);
    Epoch theirs = stateOf(2).epoch();

    world.bringBack(node(0));
    node(0).mayBeRefused();
    until(() -> !node(0).refusal().isEmpty());
    assertThat(node(0).refusal()).contains("without each other");
    assertThat(stateOf(2).epoch()).isEqualTo(theirs);
    world.bringBack(node(4));
    until(() -> stateOf(2).members().size() == 3);
  }

  @Test
  void imagesAreThereAfterARestartThoughAnInodeHadJustBeenSetAsideEverywhere() {
    pauseRecovery(true);
    for (int i = 0; i < 20; i++) {
      var created = admin.create("more" + i, geometry.diskSize());
      until(created::isDone);
      assertThat(created.join()).isTrue();
    }
    Collection<VdiEntry> entries = stateOf(0).directory().entries();
    for (int joined = 0; entries.stream().allMatch(this::isHeldSomewhere); joined++) {
      assertThat(joined).as("nodes that had to join").isLessThan(20);
      world.join();
      until(() -> world.living().stream().allMatch(node -> node.node().agent().synced()));
      until(world::allServe);
    }
    List<Integer> all = new ArrayList<>();
    for (int number = 0; number < world.nodes().size(); number++) {
      all.add(number);
    }
    endAll();
    bringBack(all);
    until(world::allServe);
    assertThat(stateOf(0).directory().entries()).containsExactlyElementsOf(entries);
    pauseRecovery(false);
    until(world::isRecovered);
    assertThat(lostBlocks()).isEmpty();
  }

  private boolean isHeldSomewhere(VdiEntry entry) {
    ObjectId inode = ObjectId.inode(entry.vid());
    return world.living().stream().anyMatch(node -> node.disk().contents().holds(inode));
  }
}
