package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.recovery.RecoveryProgress;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.store.StoreContents.Room;
import io.sheepdog.protocol.ClusterFlags;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node dies, and the disk of another is nearly full; four nodes, two copies. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class FullDiskRecoverySimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";

  private final SplittableRandom random = new SplittableRandom(4711);
  private final Geometry geometry = new Geometry(64, 2, 512);
  private final SimWorld world =
      new SimWorld(random.split(), new WorldShape(4, 2, geometry), Mistake.NONE, false);
  private final SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
  private final Scenario scenario = new Scenario(world, admin);
  private long lastValue;
  private final DiskStory disk =
      new DiskStory(world, NAME, new long[geometry.blocks()], 3, random.split(), () -> ++lastValue);
  private final SimNode full = world.nodes().get(0);

  private void start(int flags) {
    scenario.startCluster(2, flags);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
    scenario.until(world::isRecovered);
  }

  private RecoveryProgress progress() {
    return full.node().recovery().progress();
  }

  private void readEverything() {
    for (SimNode node : world.living()) {
      var contents = admin.readAll(node.address(), NAME, "", geometry);
      scenario.until(contents::isDone);
      long[] values = contents.join();
      assertThat(values).isNotNull();
      for (int block = 0; block < values.length; block++) {
        disk.history().read(node, block, values[block]);
      }
    }
    assertThat(world.queue().problem()).isNull();
  }

  private int objectsHere() {
    return full.disk().contents().files();
  }

  @Test
  void atNinetyPerCentNothingMoreIsBroughtUntilThereIsRoom() {
    start(0);
    full.disk().contents().setFull(90);
    int before = objectsHere();
    world.crash(world.nodes().get(3));
    scenario.until(() -> progress().heldBack());
    scenario.pass(30 * SECOND);
    assertThat(objectsHere()).as("what was there, and inodes").isLessThanOrEqualTo(before + 1);
    assertThat(progress().running()).isTrue();
    assertThat(world.isRecovered()).isFalse();

    full.disk().contents().setCapacity(1L << 40);
    scenario.until(world::isRecovered);
    assertThat(progress().heldBack()).isFalse();
    assertThat(objectsHere()).isGreaterThan(before + 2);
    scenario.until(world::isPurged);
    world.whileSettled(world.invariants()::checkReplicas);
    readEverything();
  }

  @Test
  void whileADiskIsFullOthersServeWhatItDoesNotHave() {
    start(0);
    full.disk().contents().setFull(96);
    full.disk().contents().setRoom(Room.RESERVE);
    world.crash(world.nodes().get(3));
    scenario.until(() -> progress().heldBack());
    readEverything();
    assertThat(world.isRecovered()).isFalse();

    full.disk().contents().setRoom(Room.PLENTY);
    full.disk().contents().setCapacity(1L << 40);
    scenario.until(world::isRecovered);
    readEverything();
  }

  @Test
  void aNodeThatWasAwayTakesBackWhatItHadOnAFullDisk() {
    start(0);
    world.crash(full);
    scenario.until(world::isRecovered);
    full.disk().contents().setFull(95);
    world.bringBack(full);
    scenario.until(world::isRecovered);
    scenario.until(world::isPurged);
    readEverything();
  }

  @Test
  void withFormatsOptionNothingIsBroughtUnlessAllHasRoom() {
    start(ClusterFlags.AVOID_DISKFULL);
    int before = objectsHere();
    long room = 4L << Geometry.OBJECT_SHIFT;
    long used = (1L << 20) * before;
    full.disk().contents().setCapacity((used + room) * 10 / 9);
    world.crash(world.nodes().get(3));
    scenario.until(() -> progress().heldBack());
    scenario.pass(10 * SECOND);
    assertThat(objectsHere()).as("not even what would fit").isLessThanOrEqualTo(before + 1);

    full.disk().contents().setCapacity(1L << 40);
    scenario.until(world::isRecovered);
    readEverything();
  }
}
