package io.sheepdog.core.sim.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A node does not answer although its process lives, and the group says nothing: the others have to
 * find out (R5), and must not go on without one that answers most of them.
 */
final class Standstill {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  /** When the others have gone on at the latest. */
  private static final long EVICTED = 9 * SECOND;

  private static final long LOOK = 50 * MILLI;

  private final SimWorld world;
  private final Watch watch;
  private final SplittableRandom random;

  Standstill(SimWorld world, Watch watch, SplittableRandom random) {
    this.world = world;
    this.watch = watch;
    this.random = random;
  }

  /** Begins; {@code whenOver} runs when all is over, or at once if it cannot be. */
  void begin(Runnable whenOver) {
    List<SimNode> living = world.living();
    SimNode victim = living.get(random.nextInt(living.size()));
    switch (random.nextInt(5)) {
      case 0 -> pauseForLong(victim, whenOver);
      case 1 -> deafen(victim, whenOver);
      case 2 -> hangDisk(victim, whenOver);
      case 3 -> pauseShortly(victim, whenOver);
      default -> silenceTowardsOne(victim, whenOver);
    }
  }

  private void pauseForLong(SimNode victim, Runnable whenOver) {
    if (!begins(victim, Fault.SILENT_WHILE_PAUSED, whenOver)) {
      return;
    }
    long awake = EVICTED + random.nextLong(2 * SECOND);
    victim.process().pause(awake);
    watch.readThrough(victim, awake - 300 * MILLI, awake + 300 * MILLI);
    world.queue().after(EVICTED, () -> mustBeOut(victim));
    awaitEnd(victim, Fault.SILENT_WHILE_PAUSED, awake + 20 * SECOND, whenOver);
  }

  /** Its port cannot be reached, it reaches the others, and the group's events reach it late. */
  private void deafen(SimNode victim, Runnable whenOver) {
    if (!begins(victim, Fault.SILENT_WHILE_DEAF, whenOver)) {
      return;
    }
    world.peers().deafen(victim.address());
    victim.driver().slowDown(random.nextLong(1_500 * MILLI));
    watch.readThrough(victim, 5 * SECOND, 8 * SECOND);
    world
        .queue()
        .after(
            EVICTED,
            () -> {
              victim.driver().slowDown(0);
              mustBeOut(victim);
            });
    awaitEnd(victim, Fault.SILENT_WHILE_DEAF, EVICTED + 20 * SECOND, whenOver);
  }

  /** Without an operation under way nobody notices that, and nobody needs to. */
  private void hangDisk(SimNode victim, Runnable whenOver) {
    if (!begins(victim, Fault.SILENT_BECAUSE_OF_ITS_DISK, whenOver)) {
      return;
    }
    long hanging = 7 * SECOND + random.nextLong(5 * SECOND);
    world.hangDisk(victim, hanging);
    watch.readThrough(victim, 5 * SECOND, 7 * SECOND);
    awaitEnd(victim, Fault.SILENT_BECAUSE_OF_ITS_DISK, hanging + 2 * SECOND, whenOver);
  }

  private void pauseShortly(SimNode victim, Runnable whenOver) {
    long awake = 2 * SECOND + random.nextLong(2 * SECOND);
    world.faults().count(Fault.STANDSTILL);
    world.violations().trace(() -> victim + " stands still for less than the bound");
    victim.process().pause(awake);
    world.queue().after(awake + 2 * SECOND, whenOver);
  }

  private void silenceTowardsOne(SimNode victim, Runnable whenOver) {
    List<SimNode> others = new ArrayList<>(world.living());
    others.remove(victim);
    if (others.size() < 2) {
      whenOver.run();
      return;
    }
    SimNode one = others.get(random.nextInt(others.size()));
    world.faults().count(Fault.SILENT_TO_ONE);
    world.violations().trace(() -> victim + " cannot be reached by " + one);
    world.peers().cutRoute(one.address(), victim.address());
    long restored = 6 * SECOND + random.nextLong(3 * SECOND);
    world
        .queue()
        .after(
            restored,
            () -> {
              world.peers().restoreRoute(one.address(), victim.address());
              whenOver.run();
            });
  }

  private boolean begins(SimNode victim, Fault fault, Runnable whenOver) {
    boolean can = world.beginTrouble(victim);
    if (can) {
      world.violations().trace(() -> victim + ": " + fault);
    } else {
      whenOver.run();
    }
    return can;
  }

  private void mustBeOut(SimNode victim) {
    if (!isOut(victim)) {
      world.violations().report("eviction", victim + " is silent, and the others wait for it");
    }
  }

  private static boolean isOut(SimNode victim) {
    return victim.process().isExpelled() || !victim.process().alive();
  }

  /** Until the victim has heard of it, or is well again. */
  private void awaitEnd(SimNode victim, Fault fault, long atMost, Runnable whenOver) {
    if (!victim.process().alive()) {
      world.faults().count(fault);
      whenOver.run();
    } else if (atMost > 0) {
      world.queue().after(LOOK, () -> awaitEnd(victim, fault, atMost - LOOK, whenOver));
    } else if (isOut(victim)) {
      world.violations().report("eviction", victim + " does not hear that it is out");
    } else {
      world.endTrouble();
      whenOver.run();
    }
  }
}
