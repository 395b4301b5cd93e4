package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.check.SnapshotRecord;
import io.sheepdog.core.sim.client.Bystander;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.client.SimQemu;
import io.sheepdog.protocol.ResultCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One seeded schedule: a cluster comes up, machines work on its disks while things break, and in
 * the end everything is checked.
 */
public final class Schedule {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long STARTUP_BOUND = 120 * SECOND;
  private static final long WORK_BOUND = 400 * SECOND;
  private static final long REQUEST_BOUND = 60 * SECOND;
  private static final int EVICTION_ONE_IN = 6;
  private static final int STANDSTILL_ONE_IN = 8;
  private static final int HAND_OVER_ONE_IN = 5;
  private static final int BROKEN_DISK_ONE_IN = 6;
  private static final int EAGER_UPKEEP_ONE_IN = 4;
  private static final int FLIPS = 40;

  private final long seed;
  private final SplittableRandom random;
  private final SplittableRandom evictions;
  private final SplittableRandom standstills;
  private final SplittableRandom handOvers;
  private final SplittableRandom brokenDisks;
  private final SimWorld world;
  private final SplittableRandom flips;
  private final boolean bytesRot;
  private final boolean scrubs;
  private final SimAdmin admin;
  private final Bystander bystander;
  private final List<DiskStory> disks = new ArrayList<>();
  private long lastValue;
  private int clones;
  private int openAdminWork;

  private Schedule(long seed, Mistake mistake, boolean tracing) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.evictions = new SplittableRandom(~seed);
    this.standstills = new SplittableRandom(seed).split();
    this.handOvers = new SplittableRandom(~seed).split();
    this.brokenDisks = new SplittableRandom(Long.rotateLeft(seed, 32));
    this.flips = new SplittableRandom(Long.rotateLeft(~seed, 32));
    boolean isEager = mistake == Mistake.NONE && seed % EAGER_UPKEEP_ONE_IN == 0;
    Mistake played = isEager ? new EagerUpkeep(seed % (2 * EAGER_UPKEEP_ONE_IN) == 0) : mistake;
    this.bytesRot = played.bytesRot();
    this.scrubs = played.scrubs();
    this.world = new SimWorld(random.split(), WorldShape.draw(random), played, tracing);
    this.admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    this.bystander = new Bystander(world.client("bystander", "10.0.0.250", evictions.split()));
  }

  /** Plays the schedule of a seed; if a promise breaks, once more with a trace. */
  public static ScheduleResult play(long seed, Mistake mistake) {
    ScheduleResult result = play(seed, mistake, false);
    return result.problem() == null ? result : play(seed, mistake, true);
  }

  /** Plays the schedule of a seed, with a trace or without. */
  static ScheduleResult play(long seed, Mistake mistake, boolean tracing) {
    Schedule schedule = new Schedule(seed, mistake, tracing);
    try {
      schedule.run();
    } catch (RuntimeException | AssertionError e) {
      schedule.world.queue().report(e);
    }
    return schedule.result();
  }

  private ScheduleResult result() {
    long writes = disks.stream().mapToLong(disk -> disk.history().acknowledgedWrites()).sum();
    return new ScheduleResult(
        seed,
        world.queue().problem(),
        world.violations().traceText(),
        world.faults(),
        world.queue().executed(),
        writes);
  }

  private void run() {
    if (startCluster() && work()) {
      new FinalChecks(world, admin, disks).run();
    }
  }

  private boolean startCluster() {
    for (SimNode node : world.nodes()) {
      node.process().after(random.nextLong(20 * MILLI), () -> node.node().start());
    }
    boolean[] done = {false};
    return expect(world.runUntil(world::allMembersSynced, STARTUP_BOUND), "all nodes join")
        && expectStage(
            done,
            () -> admin.format(1L << 32, world.shape().copies()).thenAccept(ok -> done[0] = ok),
            "format")
        && expect(world.runUntil(world::allServe, STARTUP_BOUND), "all nodes serve")
        && planCrashes()
        && createDisk("Alice", 1 + random.nextInt(3))
        && (random.nextInt(3) > 0 || createDisk("Bob", 1));
  }

  private boolean createDisk(String name, int sessions) {
    boolean[] done = {false};
    create(name, done);
    if (!expect(world.runUntil(() -> done[0], STARTUP_BOUND), "create " + name)) {
      return false;
    }
    disks.add(story(name, new long[world.shape().geometry().blocks()], sessions));
    return true;
  }

  /** Creates until the VDI is there: the node that was asked first may die. */
  private void create(String name, boolean[] done) {
    admin
        .create(name, world.shape().geometry().diskSize())
        .thenCompose(created -> admin.lookup(name, ""))
        .thenAccept(
            found -> {
              done[0] = found == ResultCode.SUCCESS;
              if (!done[0]) {
                world.queue().after(100 * MILLI, () -> create(name, done));
              }
            });
  }

  private DiskStory story(String name, long[] initial, int sessions) {
    return new DiskStory(world, name, initial, sessions, random.split(), () -> ++lastValue);
  }

  private boolean expectStage(boolean[] done, Runnable start, String what) {
    start.run();
    return expect(world.runUntil(() -> done[0], STARTUP_BOUND), what);
  }

  private boolean expect(boolean happened, String what) {
    if (!happened) {
      world.violations().report("liveness", "did not happen in time: " + what);
    }
    return happened;
  }

  private boolean planCrashes() {
    if (bytesRot) {
      world.keepAll();
      long rate = scrubs ? 1L << 32 : 0;
      world.living().forEach(node -> node.node().setScrubRate(rate));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      world.plan(CrashPlan.draw(random.split()));
    }
    return true;
  }

  private boolean work() {
    List.copyOf(disks).forEach(DiskStory::run);
    planEvents();
    planEviction();
    planStandstill();
    planHandOver();
    planBrokenDisk();
    planFlips();
    boolean over = world.runUntil(this::isOver, WORK_BOUND);
    if (!over) {
      List<String> overdue = new ArrayList<>(admin.host().overdue(REQUEST_BOUND));
      for (DiskStory disk : disks) {
        for (SimQemu machine : disk.machines()) {
          overdue.addAll(machine.host().overdue(REQUEST_BOUND));
        }
      }
      world.violations().report("liveness", "work does not end; overdue: " + overdue);
    }
    return over;
  }

  private boolean isOver() {
    return openAdminWork == 0 && disks.stream().allMatch(DiskStory::isOver);
  }

  private void planEvents() {
    long window = 30 * MILLI + random.nextLong(200 * MILLI);
    for (int i = 2 + random.nextInt(8); i > 0; i--) {
      long when = random.nextLong(window);
      int kind = random.nextInt(100);
      openAdminWork++;
      world
          .queue()
          .after(
              when,
              () -> {
                happen(kind);
                openAdminWork--;
              });
    }
  }

  /** In some schedules a node that lives on is given up by the others. */
  private void planEviction() {
    if (evictions.nextInt(EVICTION_ONE_IN) == 0) {
      openAdminWork++;
      world
          .queue()
          .after(
              evictions.nextLong(150 * MILLI),
              () -> new Eviction(world, watch(evictions), evictions).begin(() -> openAdminWork--));
    }
  }

  /** In some a node does not answer, and nobody but the others themselves can notice. */
  private void planStandstill() {
    if (standstills.nextInt(STANDSTILL_ONE_IN) == 0) {
      openAdminWork++;
      world
          .queue()
          .after(
              standstills.nextLong(150 * MILLI),
              () ->
                  new Standstill(world, watch(standstills), standstills)
                      .begin(() -> openAdminWork--));
    }
  }

  /** In some a lock is taken away from a machine whose writes are under way. */
  private void planHandOver() {
    if (handOvers.nextInt(HAND_OVER_ONE_IN) == 0) {
      openAdminWork++;
      DiskStory disk = disks.get(handOvers.nextInt(disks.size()));
      world
          .queue()
          .after(
              handOvers.nextLong(100 * MILLI),
              () ->
                  new HandOver(world, admin, disk, handOvers.split()).begin(() -> openAdminWork--));
    }
  }

  /** In some the disk of a node fails, which lives on: its clients must not notice. */
  private void planBrokenDisk() {
    if (brokenDisks.nextInt(BROKEN_DISK_ONE_IN) == 0) {
      openAdminWork++;
      world.queue().after(brokenDisks.nextLong(150 * MILLI), this::breakDisk);
    }
  }

  /** In some, disks change bytes by themselves, of one replica of an object at a time. */
  private void planFlips() {
    if (!bytesRot) {
      return;
    }
    for (int i = 0; i < FLIPS; i++) {
      openAdminWork++;
      world
          .queue()
          .after(
              flips.nextLong(200 * MILLI),
              () -> {
                count(world.flip(flips), Fault.BIT_FLIP);
                openAdminWork--;
              });
    }
  }

  private void breakDisk() {
    List<SimNode> living = world.living();
    SimNode node = living.get(brokenDisks.nextInt(living.size()));
    if (world.breakDisk(node)) {
      lookWhetherItWasNoticed(node);
    } else {
      openAdminWork--;
    }
  }

  /** It is, with the next access that needs the disk; the work goes on meanwhile. */
  private void lookWhetherItWasNoticed(SimNode node) {
    boolean isOver = !node.process().alive() || node.process().isExpelled();
    if (!isOver && !world.hasLostItsDisk(node) && !disks.stream().allMatch(DiskStory::isOver)) {
      world.queue().after(20 * MILLI, () -> lookWhetherItWasNoticed(node));
    } else {
      count(!isOver && world.hasLostItsDisk(node), Fault.DISK_FAILED);
      openAdminWork--;
    }
  }

  private Watch watch(SplittableRandom times) {
    return new Watch(world, disks, bystander, times);
  }

  private void happen(int kind) {
    DiskStory disk = disks.get(random.nextInt(disks.size()));
    if (kind < 22) {
      disk.snapshot(admin);
    } else if (kind < 32) {
      disk.deleteSnapshot(admin);
    } else if (kind < 40) {
      cloneOf(disk);
    } else if (kind < 46) {
      disk.rival();
    } else if (kind < 52) {
      writeUnattached(disk);
    } else if (kind < 60) {
      count(world.clients().breakBusyConnection(), Fault.CLIENT_BREAK);
    } else if (kind < 68) {
      count(world.peers().breakBusyConnection(), Fault.PEER_BREAK);
    } else if (kind < 75) {
      pauseNode();
    } else if (kind < 82) {
      slowDriver();
    } else if (kind < 88) {
      disk.crashMachine();
    } else if (kind < 93) {
      disk.suspendMachine();
    } else if (kind < 96) {
      disk.forceRelease(admin);
    } else {
      crashSomebody();
    }
  }

  private void count(boolean happened, Fault fault) {
    if (happened) {
      world.faults().count(fault);
    }
  }

  private void writeUnattached(DiskStory disk) {
    if (disk.working() != null) {
      world.faults().count(Fault.UNATTACHED_WRITE);
      int block = random.nextInt(world.shape().geometry().blocks());
      admin.writeUnattached(
          disk.name(), world.shape().geometry(), block, ++lastValue, disk.history());
    }
  }

  private SimNode anyLiving() {
    List<SimNode> living = world.living();
    return living.get(random.nextInt(living.size()));
  }

  private void pauseNode() {
    SimNode node = anyLiving();
    world.faults().count(Fault.NODE_PAUSE);
    world.violations().trace(() -> node + " pauses");
    node.process().pause(5 * MILLI + random.nextLong(300 * MILLI));
  }

  private void slowDriver() {
    SimNode node = anyLiving();
    world.faults().count(Fault.SLOW_DRIVER);
    world.violations().trace(() -> node + " gets ordered events late");
    node.driver().slowDown(5 * MILLI + random.nextLong(50 * MILLI));
    world.queue().after(200 * MILLI, () -> node.driver().slowDown(0));
  }

  private void crashSomebody() {
    world.crash(anyLiving());
  }

  /** A clone of a snapshot, and a machine on it. */
  private void cloneOf(DiskStory disk) {
    if (disk.snapshots().isEmpty()) {
      return;
    }
    SnapshotRecord base = disk.snapshots().get(random.nextInt(disk.snapshots().size()));
    long @Nullable [] contents = base.contents();
    if (contents == null) {
      return;
    }
    String name = "Clone" + clones++;
    openAdminWork++;
    admin
        .cloneVdi(disk.name(), base.tag(), name, world.shape().geometry().diskSize())
        .thenAccept(
            done -> {
              openAdminWork--;
              if (done) {
                DiskStory story = story(name, contents, 1);
                disks.add(story);
                story.run();
              }
            });
  }
}
