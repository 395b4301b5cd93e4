package io.sheepdog.core.sim.schedule;

import java.util.List;
import java.util.random.RandomGenerator;

/** Kills a node shortly after the n-th time that any node begins something. */
final class CrashPlan {
  private static final long LONGEST_DELAY = 3_000_000;

  private final Phase phase;
  private final boolean other;
  private final long delay;
  private final RandomGenerator random;
  private int countdown;

  private CrashPlan(Phase phase, int countdown, boolean other, long delay, RandomGenerator random) {
    this.phase = phase;
    this.countdown = countdown;
    this.other = other;
    this.delay = delay;
    this.random = random;
  }

  static CrashPlan draw(RandomGenerator random) {
    Phase phase = Phase.values()[random.nextInt(Phase.values().length)];
    int most = phase.ordinal() <= Phase.INDEX_WRITE.ordinal() ? 30 : 2;
    return new CrashPlan(
        phase,
        random.nextInt(1, most + 1),
        random.nextInt(4) == 0,
        random.nextLong(LONGEST_DELAY),
        random);
  }

  /** A node begins something. */
  void notice(Phase begun, SimNode node, SimWorld world) {
    if (begun != phase || --countdown != 0) {
      return;
    }
    List<SimNode> living = world.living();
    SimNode victim = other ? living.get(random.nextInt(living.size())) : node;
    world.queue().after(delay, () -> world.crash(victim));
  }
}
