package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.ResultCode;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The gateway of a client dies, and the client comes to another node just when its lock ends for
 * that reason: it goes on, whichever is first (R12).
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LateReturnSimTest {
  private static final String NAME = "Alice";
  private static final int NODES = 3;
  private static final long GRACE = TimeUnit.SECONDS.toNanos(5);
  private static final long AROUND = TimeUnit.MILLISECONDS.toNanos(8);
  private static final long STEP = TimeUnit.MICROSECONDS.toNanos(250);

  private final Geometry geometry = new Geometry(4, 2, 512);
  private int inTime;
  private int tooLate;

  @Test
  void aClientThatReturnsWhenItsLockEndsGoesOn() {
    for (long late = -AROUND; late <= AROUND; late += STEP) {
      returnAfter(GRACE + late);
    }
    assertThat(inTime).isPositive();
    assertThat(tooLate).isPositive();
  }

  private void returnAfter(long nanos) {
    SplittableRandom random = new SplittableRandom(4716);
    SimWorld world =
        new SimWorld(random.split(), new WorldShape(NODES, NODES, geometry), Mistake.NONE, false);
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    Scenario scenario = new Scenario(world, admin);
    long[] lastValue = {0};
    DiskStory disk =
        new DiskStory(
            world, NAME, new long[geometry.blocks()], 1, random.split(), () -> ++lastValue[0]);
    scenario.startCluster(NODES, 0);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
    SimNode gateway = world.nodes().get(0);
    int block = 0;
    while (write(world, admin, gateway, block) != ResultCode.SUCCESS) {
      block++;
    }
    SimNode other = world.nodes().get(1);
    world.crash(gateway);
    scenario.until(() -> isOrphaned(lock(other)));

    scenario.pass(nanos);
    boolean isOver = lock(other) == null;
    inTime += isOver ? 0 : 1;
    tooLate += isOver ? 1 : 0;
    assertThat(write(world, admin, other, block))
        .as("%d ns later", nanos)
        .isEqualTo(ResultCode.SUCCESS);
  }

  private static boolean isOrphaned(@Nullable VdiLock lock) {
    return lock != null && lock.orphaned();
  }

  private @Nullable ResultCode write(SimWorld world, SimAdmin admin, SimNode node, int block) {
    var write = admin.writeBlock(node.address(), NAME, geometry, block, 7);
    new Scenario(world, admin).until(write::isDone);
    return write.join();
  }

  private static @Nullable VdiLock lock(SimNode node) {
    return node.node().agent().state().locks().all().stream().findFirst().orElse(null);
  }
}
