package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Request;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator does to recovery, and restarts; four nodes, two copies, one disk with data. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RecoveryScenarioSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";

  private final SplittableRandom random = new SplittableRandom(4711);
  private final Geometry geometry = new Geometry(16, 2, 512);
  private boolean listsAreRefused;
  private final SimWorld world =
      new SimWorld(random.split(), new WorldShape(4, 2, geometry), new RefusedLists(), false);
  private final SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
  private final Scenario scenario = new Scenario(world, admin);
  private long lastValue;
  private final DiskStory disk =
      new DiskStory(world, NAME, new long[geometry.blocks()], 3, random.split(), () -> ++lastValue);

  /** Nodes do not tell each other what they have while {@link #listsAreRefused}. */
  private final class RefusedLists implements Mistake {
    @Override
    public Request peerRequest(Request real, Epoch serving) {
      // without room for an answer
      return listsAreRefused && real.operation() == Opcode.PEER_OBJECTS
          ? real.withDataLength(0)
          : real;
    }
  }

  @BeforeEach
  void aDiskHasData() {
    scenario.startCluster(2, 0);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
  }

  private void until(BooleanSupplier condition) {
    scenario.until(condition);
  }

  private void pass(long nanos) {
    scenario.pass(nanos);
  }

  private void pauseRecovery(boolean paused) {
    SimNode node = world.living().get(0);
    node.process().execute(() -> node.node().agent().propose(new RecoverySwitch(paused)));
    until(
        () ->
            world.living().stream()
                .allMatch(n -> n.node().agent().state().recovery().paused() == paused));
  }

  private void readEverything() {
    for (SimNode node : world.living()) {
      var contents = admin.readAll(node.address(), NAME, "", geometry);
      until(contents::isDone);
      long[] values = contents.join();
      assertThat(values).isNotNull();
      for (int block = 0; block < values.length; block++) {
        disk.history().read(node, block, values[block]);
      }
    }
    assertThat(world.queue().problem()).isNull();
  }

  @Test
  void aNodeThatIsGoneForGoodIsMadeUpForWithoutAnyAccess() {
    world.crash(world.nodes().get(3));
    until(world::isRecovered);
    until(world::isPurged);
    readEverything();
  }

  @Test
  void whileRecoveryIsSwitchedOffEverythingIsReadAndNothingComplete() {
    pauseRecovery(true);
    world.crash(world.nodes().get(3));
    pass(10 * SECOND);
    assertThat(world.isRecovered()).isFalse();
    assertThat(world.living()).anyMatch(node -> node.node().recovery().progress().running());
    readEverything();
    assertThat(world.isRecovered()).isFalse();

    pauseRecovery(false);
    until(world::isRecovered);
    assertThat(world.living()).noneMatch(node -> node.node().recovery().progress().running());
    readEverything();
  }

  @Test
  void whileAListCannotBeFetchedTheEpochStaysRecovering() {
    listsAreRefused = true;
    world.crash(world.nodes().get(3));
    pass(30 * SECOND);

    assertThat(world.isRecovered()).isFalse();
    for (SimNode node : world.living()) {
      assertThat(node.node().recovery().progress().running()).isTrue();
      assertThat(node.node().agent().state().recovery().done()).isEmpty();
    }
    readEverything();

    listsAreRefused = false;
    until(world::isRecovered);
    until(world::isPurged);
    readEverything();
  }

  @Test
  void aThrottleSlowsRecoveryDownAndEndsIt() {
    pauseRecovery(true);
    world.crash(world.nodes().get(3));
    pass(5 * SECOND);
    world.living().forEach(node -> node.node().recovery().setThrottle(1, 3_000));
    pauseRecovery(false);
    pass(SECOND);
    assertThat(world.isRecovered()).isFalse();
    until(world::isRecovered);
  }

  @Test
  void aRestartedClusterDoesNotRecoverAnEpochThatIsComplete() {
    world.crash(world.nodes().get(3));
    until(world::isRecovered);
    until(world::isPurged);
    pass(SECOND);
    Epoch epoch = world.living().get(0).node().agent().servingEpoch();
    List<SimNode> all = world.living();
    all.forEach(world::crashAnyway);
    all.forEach(world::bringBack);
    until(() -> world.living().stream().allMatch(node -> node.node().agent().synced()));
    until(world::allServe);

    assertThat(world.isRecovered()).isTrue();
    for (SimNode node : world.living()) {
      assertThat(node.node().agent().servingEpoch()).isEqualTo(epoch);
      assertThat(node.node().recovery().progress().total()).isZero();
    }
    readEverything();
  }

  @Test
  void aClusterThatIsRestartedInTheMiddleOfRecoveryGoesOn() {
    pauseRecovery(true);
    world.crash(world.nodes().get(3));
    pass(5 * SECOND);
    List<SimNode> all = world.living();
    all.forEach(world::crashAnyway);
    all.forEach(world::bringBack);
    until(() -> world.living().stream().allMatch(node -> node.node().agent().synced()));
    until(world::allServe);
    assertThat(world.living()).allMatch(node -> node.node().agent().state().recovery().paused());
    assertThat(world.isRecovered()).isFalse();

    pauseRecovery(false);
    until(world::isRecovered);
    until(world::isPurged);
    readEverything();
  }
}
