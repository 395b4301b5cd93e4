package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.lease.Leases;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A node is paused or cut off for so long that the others go on without it; it lives, its clients
 * reach it, and it hears of its eviction late. Bystanders read through it all the while (R5).
 *
 * <p>The others may notice sooner than a lease runs: what is served afterwards has to wait for it.
 */
final class Eviction {
  private static final long MILLI = 1_000_000;
  private static final long SHORTEST_DETECTION = 50 * MILLI;
  private static final long LONGEST_DETECTION = 3_000 * MILLI;

  private final SimWorld world;
  private final Watch watch;
  private final SplittableRandom random;

  Eviction(SimWorld world, Watch watch, SplittableRandom random) {
    this.world = world;
    this.watch = watch;
    this.random = random;
  }

  /** Begins; {@code whenOver} runs when the node has heard of it, or at once if it cannot be. */
  void begin(Runnable whenOver) {
    List<SimNode> living = world.living();
    SimNode victim = living.get(random.nextInt(living.size()));
    if (!world.beginTrouble(victim)) {
      whenOver.run();
      return;
    }
    long detection = SHORTEST_DETECTION + random.nextLong(LONGEST_DETECTION);
    long served = Math.max(detection, Leases.TERM.toNanos());
    long awake;
    Fault fault;
    List<SimNode> late = List.of();
    Departure how = Departure.NODE_DOWN;
    if (random.nextBoolean()) {
      boolean stopped = random.nextInt(3) == 0;
      fault = stopped ? Fault.COROSYNC_STOPPED_WHILE_PAUSED : Fault.EVICTED_WHILE_PAUSED;
      how = stopped ? Departure.PROCESS_DIED : how;
      awake = detection + random.nextLong(served - detection + 300 * MILLI);
      victim.process().pause(awake);
    } else {
      boolean beside = random.nextBoolean();
      fault = beside ? Fault.EVICTED_BESIDE_LATE_MEMBERS : Fault.EVICTED_WHILE_CUT_OFF;
      awake = detection;
      late = beside ? some(victim, living) : late;
      cutOff(victim, late);
    }
    List<SimNode> laggards = late;
    Departure departure = how;
    long told = Math.max(awake, served) + 20 * MILLI + random.nextLong(800 * MILLI);
    world.violations().trace(() -> victim + ": " + fault + ", late are " + laggards);
    world.queue().after(detection, () -> expel(victim, laggards, departure));
    watch.readThrough(victim, detection, told);
    world
        .queue()
        .after(
            told,
            () -> {
              world.faults().count(fault);
              victim.driver().fail("the others have gone on");
              whenOver.run();
            });
  }

  /** So many that they give the victim a majority. */
  private List<SimNode> some(SimNode victim, List<SimNode> living) {
    List<SimNode> others = new ArrayList<>(living);
    others.remove(victim);
    Collections.shuffle(others, new Random(random.nextLong()));
    return others.subList(0, living.size() / 2);
  }

  private void cutOff(SimNode victim, List<SimNode> reachable) {
    Set<NodeAddress> addresses = new HashSet<>();
    reachable.forEach(node -> addresses.add(node.address()));
    victim.driver().cutOff();
    world.peers().cutOff(victim.address(), addresses);
  }

  private void expel(SimNode victim, List<SimNode> late, Departure how) {
    long lateness = 500 * MILLI + random.nextLong(3_000 * MILLI);
    late.forEach(node -> node.driver().slowDown(lateness));
    world.expel(victim, how);
    world.queue().after(MILLI, () -> late.forEach(node -> node.driver().slowDown(0)));
  }
}
