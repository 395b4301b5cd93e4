package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code cluster format -t}: a write is on as many zones as it has copies, or it is refused; four
 * nodes in zones of their own, three copies.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StrictModeSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";
  private static final int COPIES = 3;

  private final SplittableRandom random = new SplittableRandom(4713);
  private final Geometry geometry = new Geometry(16, 2, 512);
  private final SimWorld world =
      new SimWorld(random.split(), new WorldShape(4, COPIES, geometry), new Mistake() {}, false);
  private final SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
  private final Scenario scenario = new Scenario(world, admin);
  private long lastValue;
  private final DiskStory disk =
      new DiskStory(world, NAME, new long[geometry.blocks()], 3, random.split(), () -> ++lastValue);

  private void until(BooleanSupplier condition) {
    scenario.until(condition);
  }

  private void aDiskHasData(int flags) {
    scenario.startCluster(COPIES, flags);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
    until(world::isRecovered);
  }

  private VdiId vid() {
    for (VdiEntry entry : world.living().get(0).node().agent().state().directory().entries()) {
      return entry.vid();
    }
    throw new AssertionError("no VDI");
  }

  /** A block of an object that the VDI has. */
  private int block() {
    for (int block = 0; block < geometry.blocks(); block++) {
      if (holders(block) > 0) {
        return block;
      }
    }
    throw new AssertionError("nothing was written");
  }

  private long holders(int block) {
    ObjectId oid = ObjectId.data(vid(), geometry.objectOf(block));
    return world.living().stream().filter(node -> node.disk().contents().holds(oid)).count();
  }

  private ResultCode write(SimNode gateway, int block, long value) {
    var written = admin.writeBlock(gateway.address(), NAME, geometry, block, value);
    until(written::isDone);
    return written.join();
  }

  private long read(SimNode gateway, int block) {
    var read = admin.readBlock(gateway.address(), NAME, geometry, block);
    until(read::isDone);
    OptionalLong value = read.join();
    assertThat(value).isNotNull();
    return value.orElseThrow();
  }

  private void leaveTwo() {
    world.crashAnyway(world.nodes().get(2));
    world.crashAnyway(world.nodes().get(3));
    until(
        () ->
            world.living().stream()
                .allMatch(
                    node ->
                        node.node().agent().state().members().size() == 2
                            && node.node()
                                .agent()
                                .servingEpoch()
                                .equals(node.node().agent().state().epoch())));
  }

  @Test
  void withFewerZonesThanCopiesWritesAreRefusedAndReadsServedUntilThereAreEnough() {
    aDiskHasData(ClusterFlags.STRICT);
    int block = block();
    SimNode gateway = world.nodes().get(0);
    assertThat(write(gateway, block, 1001)).isEqualTo(ResultCode.SUCCESS);
    leaveTwo();

    for (SimNode node : world.living()) {
      assertThat(write(node, block, 1002)).isEqualTo(ResultCode.HALT);
      assertThat(read(node, block)).isEqualTo(1001);
    }

    world.bringBack(world.nodes().get(2));
    until(world::isRecovered);
    assertThat(write(gateway, block, 1003)).isEqualTo(ResultCode.SUCCESS);
    assertThat(holders(block)).isEqualTo(COPIES);
    world.living().forEach(node -> assertThat(read(node, block)).isEqualTo(1003));
    world.whileSettled(world.invariants()::checkReplicas);
    assertThat(world.queue().problem()).isNull();
  }

  @Test
  void aWriteThatIsUnderWayWhenTheZonesAreLostIsNotAcknowledged() {
    aDiskHasData(ClusterFlags.STRICT);
    int block = block();
    ObjectId oid = ObjectId.data(vid(), geometry.objectOf(block));
    List<SimNode> homes =
        world.living().stream().filter(node -> node.disk().contents().holds(oid)).toList();
    world.hangDisk(homes.get(2), 2 * SECOND);
    var written = admin.writeBlock(homes.get(0).address(), NAME, geometry, block, 1001);
    world.runFor(SECOND);
    assertThat(written).isNotDone();
    SimNode fourth =
        world.living().stream().filter(node -> !homes.contains(node)).findFirst().orElseThrow();
    world.crashAnyway(homes.get(2));
    world.crashAnyway(fourth);

    until(written::isDone);
    assertThat(written.join()).isEqualTo(ResultCode.HALT);
    assertThat(read(homes.get(0), block)).isEqualTo(1001);
    assertThat(read(homes.get(1), block)).isEqualTo(1001);
  }

  @Test
  void withoutStrictModeAsManyCopiesAreWrittenAsThereAreZones() {
    aDiskHasData(0);
    int block = block();
    leaveTwo();
    assertThat(write(world.nodes().get(1), block, 1002)).isEqualTo(ResultCode.SUCCESS);
    world.living().forEach(node -> assertThat(read(node, block)).isEqualTo(1002));
  }
}
