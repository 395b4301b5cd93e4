package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One seeded schedule in which nodes die, come back and join while machines work. In two of three
 * no more than copies - 1 nodes die before an epoch is complete, and some never come back; in the
 * others data may be away for a while, and all nodes come back in the end.
 */
final class RecoverySchedule {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long STARTUP_BOUND = 120 * SECOND;
  private static final long WORK_BOUND = 600 * SECOND;
  private static final int MOST_JOINERS = 2;
  private static final int FIXED_VNODES = 64;
  private static final String NAME = "Alice";

  private final long seed;
  private final SplittableRandom random;
  private final SimWorld world;
  private final SimAdmin admin;
  private final DiskStory disk;
  private final boolean overdraws;

  /** Whether all nodes end at once now and then, and whether the power fails then. */
  private final boolean restarts;

  private final boolean powerFails;

  /** Whether it fails then at so few nodes that what was acknowledged is still elsewhere. */
  private final boolean powerFailsSomewhere;

  /** Whether the number of copies changes. */
  private final boolean alters;

  /** Whether disks become larger and smaller, and nodes are weighed again. */
  private final boolean reweighs;

  /** Whether numbers of virtual nodes are fixed, and operators change them. */
  private final boolean fixed;

  private final Counts counts = new Counts();
  private long lastValue;
  private boolean changing = true;

  /** How often what happened. */
  static final class Counts {
    int deaths;
    int returns;
    int joins;
    int complete;
    int overdrafts;
    int restarts;
    int powerFailures;
    int powerFailuresSomewhere;
    int alterations;
    int brokenDisks;
    int reweighings;
    int vnodesSet;

    void add(Counts other) {
      deaths += other.deaths;
      returns += other.returns;
      joins += other.joins;
      complete += other.complete;
      overdrafts += other.overdrafts;
      restarts += other.restarts;
      powerFailures += other.powerFailures;
      powerFailuresSomewhere += other.powerFailuresSomewhere;
      alterations += other.alterations;
      brokenDisks += other.brokenDisks;
      reweighings += other.reweighings;
      vnodesSet += other.vnodesSet;
    }

    @Override
    public String toString() {
      return deaths
          + " deaths, "
          + returns
          + " returns, "
          + joins
          + " joins, "
          + complete
          + " times complete in between, "
          + overdrafts
          + " schedules with data away, "
          + restarts
          + " restarts of all nodes, "
          + powerFailures
          + " after a loss of power, "
          + powerFailuresSomewhere
          + " after one of some nodes, "
          + alterations
          + " changes of the number of copies, "
          + brokenDisks
          + " broken disks, "
          + reweighings
          + " times weighed again, "
          + vnodesSet
          + " numbers of virtual nodes set";
    }
  }

  private RecoverySchedule(long seed, Mistake mistake, boolean tracing) {
    this.seed = seed;
    random = new SplittableRandom(seed);
    WorldShape drawn = WorldShape.draw(random);
    WorldShape shape = new WorldShape(drawn.nodes(), Math.max(2, drawn.copies()), drawn.geometry());
    fixed = seed % 12 == 3;
    world = new SimWorld(random.split(), shape, mistake, tracing, fixed ? FIXED_VNODES : 0);
    admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    overdraws = random.nextInt(3) == 0;
    restarts = random.nextInt(3) == 0;
    powerFails = restarts && random.nextBoolean();
    powerFailsSomewhere = restarts && !powerFails && seed % 4 != 0;
    alters = seed % 3 == 1;
    reweighs = seed % 6 == 5;
    disk =
        new DiskStory(
            world,
            NAME,
            new long[shape.geometry().blocks()],
            2 + random.nextInt(3),
            random.split(),
            () -> ++lastValue);
    if (powerFails) {
      disk.writeThrough();
    }
    if (overdraws || restarts) {
      disk.history().allReplicasMayRestart();
    }
  }

  /** Plays the schedule of a seed; if a promise breaks, once more with a trace. */
  static ScheduleResult play(long seed, Mistake mistake, Counts totals) {
    RecoverySchedule schedule = new RecoverySchedule(seed, mistake, false);
    ScheduleResult result = schedule.play();
    totals.add(schedule.counts);
    return result.problem() == null ? result : new RecoverySchedule(seed, mistake, true).play();
  }

  private ScheduleResult play() {
    try {
      if (startCluster() && work()) {
        new FinalChecks(world, admin, List.of(disk)).runAfterRecovery();
      }
    } catch (RuntimeException | AssertionError e) {
      world.queue().report(e);
    }
    return new ScheduleResult(
        seed,
        world.queue().problem(),
        world.violations().traceText(),
        world.faults(),
        world.queue().executed(),
        disk.history().acknowledgedWrites());
  }

  private boolean startCluster() {
    for (SimNode node : world.nodes()) {
      node.process().after(random.nextLong(20 * MILLI), () -> node.node().start());
    }
    boolean[] done = {false};
    if (!expect(world.runUntil(world::allMembersSynced, STARTUP_BOUND), "all nodes join")) {
      return false;
    }
    admin
        .formatExactly(1L << 32, world.shape().copies(), fixed ? 0 : ClusterFlags.AUTO_VNODES)
        .thenAccept(ok -> done[0] = ok);
    if (!expect(world.runUntil(() -> done[0] && world.allServe(), STARTUP_BOUND), "format")) {
      return false;
    }
    boolean[] created = {false};
    admin
        .create(NAME, world.shape().geometry().diskSize())
        .thenCompose(ok -> admin.lookup(NAME, ""))
        .thenAccept(found -> created[0] = found == ResultCode.SUCCESS);
    return expect(world.runUntil(() -> created[0], STARTUP_BOUND), "create");
  }

  private boolean expect(boolean happened, String what) {
    if (!happened) {
      world.violations().report("liveness", "did not happen in time: " + what);
    }
    return happened;
  }

  private boolean work() {
    counts.overdrafts += overdraws ? 1 : 0;
    disk.run();
    change(4 + random.nextInt(8));
    boolean over = world.runUntil(() -> !changing && disk.isOver(), WORK_BOUND);
    return expect(over, "work ends");
  }

  /** Changes the members so many times, at moments of its own. */
  private void change(int left) {
    if (left == 0) {
      if (overdraws) {
        bringEverybodyBack();
      }
      changing = false;
      return;
    }
    counts.complete += world.forgiveLosses() ? 1 : 0;
    int dice = random.nextInt(10);
    if (restarts && random.nextInt(4) == 0 && world.allServe()) {
      counts.restarts++;
      counts.powerFailures += powerFails ? 1 : 0;
      List<SimNode> some = powerFailsSomewhere ? world.mayLosePower() : List.of();
      counts.powerFailuresSomewhere += some.isEmpty() ? 0 : 1;
      world.restartAll(powerFails ? world.nodes() : some);
      world.queue().after(8 * SECOND, () -> change(left - 1));
      return;
    }
    if (alters && random.nextInt(3) == 0) {
      alterCopies();
    } else if (reweighs && random.nextInt(3) == 0) {
      reweigh();
    } else if (fixed && random.nextInt(3) == 0) {
      setVnodes();
    } else if (dice < 4) {
      killSomebody();
    } else if (dice == 4) {
      breakSomeDisk();
    } else if (dice < 8) {
      bringSomebodyBack();
    } else if (counts.joins < MOST_JOINERS) {
      counts.joins++;
      world.join();
    }
    long most = random.nextInt(3) == 0 ? 3 * SECOND : 400 * MILLI;
    world.queue().after(random.nextLong(5 * MILLI, most), () -> change(left - 1));
  }

  /**
   * Two members at least stay: somebody has to know the state of the cluster. Only who serves dies:
   * a joiner's own readiness may have begun an epoch that nobody else ever hears of.
   */
  private void killSomebody() {
    List<SimNode> serving =
        world.members().stream()
            .filter(node -> !node.node().agent().servingEpoch().isZero())
            .toList();
    if (serving.size() < 3) {
      return;
    }
    SimNode victim = serving.get(random.nextInt(serving.size()));
    int before = world.crashes();
    if (overdraws) {
      world.crashAnyway(victim);
    } else {
      world.crash(victim);
    }
    counts.deaths += world.crashes() - before;
  }

  /** Never fewer than at the beginning: so many may die. */
  private void alterCopies() {
    world.copiesChange();
    int copies = world.shape().copies() + random.nextInt(3);
    if (random.nextInt(4) == 0) {
      admin.alterDefaultCopies(copies);
      return;
    }
    admin
        .alterCopies(NAME, copies)
        .thenAccept(code -> counts.alterations += code == ResultCode.SUCCESS ? 1 : 0);
  }

  /** Of most the new weight is another one, of some it is the same. */
  private void reweigh() {
    List<SimNode> nodes = world.nodes();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      long size = (1L << 38) * (1 + random.nextInt(16));
      world.resizeDisk(nodes.get(random.nextInt(nodes.size())), size);
    }
    admin.reweigh().thenAccept(code -> counts.reweighings += code == ResultCode.SUCCESS ? 1 : 0);
  }

  private void setVnodes() {
    List<SimNode> members = world.members();
    if (!members.isEmpty()) {
      world.weightsChange();
      NodeAddress node = members.get(random.nextInt(members.size())).address();
      admin
          .setVnodes(node, 1 + random.nextInt(4 * FIXED_VNODES))
          .thenAccept(code -> counts.vnodesSet += code == ResultCode.SUCCESS ? 1 : 0);
    }
  }

  /** What is on a disk that breaks stays away, so not where other data may be away, too. */
  private void breakSomeDisk() {
    List<SimNode> members = world.members();
    if (!overdraws
        && !members.isEmpty()
        && world.breakDisk(members.get(random.nextInt(members.size())))) {
      counts.brokenDisks++;
    }
  }

  private void bringSomebodyBack() {
    List<SimNode> dead = dead();
    if (!dead.isEmpty()) {
      bringBack(dead.get(random.nextInt(dead.size())));
    }
  }

  private void bringEverybodyBack() {
    dead().forEach(this::bringBack);
  }

  private void bringBack(SimNode node) {
    counts.returns++;
    world.bringBack(node);
  }

  private List<SimNode> dead() {
    return world.nodes().stream().filter(node -> !node.process().alive()).toList();
  }
}
