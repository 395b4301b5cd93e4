package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.client.Bystander;
import java.util.List;
import java.util.random.RandomGenerator;

/** Reads through a node that the others have given up, or are about to (R5). */
final class Watch {
  private static final long BETWEEN_READS = 60_000_000;

  private final SimWorld world;
  private final List<DiskStory> disks;
  private final Bystander bystander;
  private final RandomGenerator random;

  Watch(SimWorld world, List<DiskStory> disks, Bystander bystander, RandomGenerator random) {
    this.world = world;
    this.disks = disks;
    this.bystander = bystander;
    this.random = random;
  }

  /**
   * Bystanders read through {@code victim} now and then between two times from now, nanoseconds.
   */
  void readThrough(SimNode victim, long from, long to) {
    for (long when = from; when < to; when += 1 + random.nextLong(BETWEEN_READS)) {
      DiskStory disk = disks.get(random.nextInt(disks.size()));
      world
          .queue()
          .after(
              when,
              () ->
                  bystander.read(
                      anotherThan(victim).address(),
                      victim.address(),
                      disk.name(),
                      world.shape().geometry(),
                      disk.history()));
    }
  }

  private SimNode anotherThan(SimNode victim) {
    List<SimNode> others = world.living().stream().filter(node -> node != victim).toList();
    return others.get(random.nextInt(others.size()));
  }
}
