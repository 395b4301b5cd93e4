package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.client.SimQemu;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An administrator takes a lock away while its holder's writes are under way: one replica hears of
 * them late, or the gateway stands still with them, and may hear late that the lock is gone.
 */
final class HandOver {
  private static final long MILLI = 1_000_000;

  private final SimWorld world;
  private final SimAdmin admin;
  private final DiskStory disk;
  private final SplittableRandom random;

  HandOver(SimWorld world, SimAdmin admin, DiskStory disk, SplittableRandom random) {
    this.world = world;
    this.admin = admin;
    this.disk = disk;
    this.random = random;
  }

  /** Begins, if a machine works; {@code whenOver} runs when everything is as fast as before. */
  void begin(Runnable whenOver) {
    SimQemu machine = disk.working();
    SimNode gateway = machine == null ? null : gateway();
    List<SimNode> others = new ArrayList<>(world.living());
    others.remove(gateway);
    if (gateway == null || others.isEmpty()) {
      whenOver.run();
      return;
    }
    SimNode replica = others.get(random.nextInt(others.size()));
    long slowness =
        random.nextLong(20 * MILLI, random.nextInt(4) == 0 ? 2_000 * MILLI : 300 * MILLI);
    boolean hearsLate = random.nextBoolean();
    world
        .violations()
        .trace(
            () -> replica + " hears " + slowness / MILLI + " ms late of what " + gateway + " asks");
    world.peers().slowRoute(gateway.address(), replica.address(), slowness);
    if (hearsLate) {
      gateway.driver().slowDown(random.nextLong(50 * MILLI));
    }
    world.queue().after(random.nextLong(5 * MILLI), () -> takeAway(gateway));
    world
        .queue()
        .after(
            2 * slowness + 50 * MILLI,
            () -> {
              world.peers().slowRoute(gateway.address(), replica.address(), 0);
              gateway.driver().slowDown(0);
              whenOver.run();
            });
  }

  private void takeAway(SimNode gateway) {
    if (random.nextInt(3) == 0) {
      long standing = random.nextLong(300 * MILLI);
      world.violations().trace(() -> gateway + " pauses");
      gateway.process().pause(standing);
    }
    disk.forceRelease(admin);
  }

  /** The node through which the disk's lock is held. */
  private @Nullable SimNode gateway() {
    for (SimNode node : world.living()) {
      for (VdiLock lock : node.node().agent().state().locks().all()) {
        NodeAddress address = lock.gatewayAddress();
        boolean here = node.address().equals(address);
        if (here && isOfDisk(node, lock)) {
          return node;
        }
      }
    }
    return null;
  }

  private boolean isOfDisk(SimNode node, VdiLock lock) {
    var entry = node.node().agent().state().directory().entry(lock.head());
    return entry != null && entry.name().equals(disk.name());
  }
}
