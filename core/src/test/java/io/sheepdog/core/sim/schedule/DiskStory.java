package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.check.DiskHistory;
import io.sheepdog.core.sim.check.SnapshotRecord;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.client.SimQemu;
import io.sheepdog.core.sim.client.SimQemu.End;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One VDI in a schedule: the machines that run on it one after the other (or try to at the same
 * time), and its snapshots.
 */
final class DiskStory {
  private static final long RETRY = 700_000_000L;
  private static final int HOSTS = 8;
  private static final int MAX_ATTEMPTS = 60;

  private final SimWorld world;
  private final String name;
  private final DiskHistory history;
  private final SplittableRandom random;
  private final LongSupplier values;
  private final boolean guestTakesSnapshots;
  private final List<SimQemu> machines = new ArrayList<>();
  private final Set<SimQemu> lostUnseen = new HashSet<>();
  private final List<SnapshotRecord> snapshots = new ArrayList<>();
  private int sessionsLeft;
  private int attempts;
  private int snapshotNumber;
  private boolean snapshotting;
  private boolean writesThrough;

  DiskStory(
      SimWorld world,
      String name,
      long[] initial,
      int sessions,
      SplittableRandom random,
      LongSupplier values) {
    this.world = world;
    this.name = name;
    this.history = new DiskHistory(name, initial, world.queue(), world.violations());
    this.random = random;
    this.values = values;
    this.sessionsLeft = sessions;
    this.guestTakesSnapshots = random.nextBoolean();
  }

  /** From now on machines write without a cache: what they are told of must outlive the power. */
  void writeThrough() {
    writesThrough = true;
  }

  String name() {
    return name;
  }

  DiskHistory history() {
    return history;
  }

  List<SnapshotRecord> snapshots() {
    return snapshots;
  }

  /** Starts the next machine, again and again until the lock is free, until all have run. */
  void run() {
    SimQemu next = start(10 + random.nextInt(30));
    watch(next);
  }

  private void watch(SimQemu machine) {
    if (machine.end() == End.NONE) {
      world.queue().after(RETRY / 10, () -> watch(machine));
      return;
    }
    noticeEnd(machine);
    if (machine.end() != End.LOCKED_OUT && machine.vid() != null) {
      sessionsLeft--;
      attempts = 0;
    } else if (++attempts > MAX_ATTEMPTS) {
      world
          .violations()
          .report(
              "R12",
              name + " stays locked: " + machine + " ended " + machine.end() + " " + machine.why());
      return;
    }
    if (sessionsLeft > 0) {
      world.queue().after(random.nextLong(RETRY), this::run);
    }
  }

  private void noticeEnd(SimQemu machine) {
    if (machine.end() == End.LOCKED_OUT && history.isSurelyHeldByOtherThan(machine)) {
      world.faults().count(Fault.REFUSED_OPENER);
    }
    if (machine.end() == End.FAILED && machine.why().endsWith("VDI_LOCKED")) {
      world.faults().count(Fault.FENCED_CLIENT);
    }
    if (machine.end() == End.FAILED && machine.vid() != null) {
      killOthers(machine);
    }
  }

  /**
   * A host on which no machine has this disk open: a lock knows its client by address (R12), so a
   * suspended machine on the host of its successor could take the successor's lock when the gateway
   * of both has died.
   */
  private String host() {
    List<String> free = new ArrayList<>();
    for (int i = 1; i <= HOSTS; i++) {
      String host = "10.0.0." + i;
      if (machines.stream().noneMatch(m -> m.isWorking() && m.host().address().equals(host))) {
        free.add(host);
      }
    }
    return free.get(random.nextInt(free.size()));
  }

  private SimQemu start(int operations) {
    String host = host();
    SimQemu[] self = new SimQemu[1];
    SimQemu machine =
        new SimQemu(
            world.client("qemu" + machines.size(), host, random.split()),
            name,
            world.shape().geometry(),
            history,
            random.split(),
            values,
            operations,
            writesThrough,
            () -> killOthers(self[0]));
    self[0] = machine;
    machines.add(machine);
    machine.start();
    return machine;
  }

  /**
   * A machine that lost its lock while it was suspended may not come back once its successor is
   * gone: the lock would be free for it, and its index table in memory is that of long ago.
   */
  private void killOthers(SimQemu machine) {
    for (SimQemu other : machines) {
      if (other != machine && other.end() == End.NONE && other.isWorking()) {
        kill(other);
      }
    }
  }

  private void kill(SimQemu machine) {
    world.violations().trace(() -> machine + " is killed");
    world.crash(machine.host().process());
    machine.crashed();
  }

  /** Whether every machine has run. */
  boolean isOver() {
    return sessionsLeft <= 0 && machines.stream().allMatch(machine -> machine.end() != End.NONE);
  }

  /** The machine that works now. */
  @Nullable SimQemu working() {
    for (SimQemu machine : machines) {
      if (machine.isWorking() && history.isSurelyHeldBy(machine)) {
        return machine;
      }
    }
    return null;
  }

  List<SimQemu> machines() {
    return machines;
  }

  /** The running machine dies. */
  void crashMachine() {
    SimQemu machine = working();
    if (machine != null) {
      world.faults().count(Fault.CLIENT_CRASH);
      kill(machine);
      killOthers(machine);
    }
  }

  /**
   * The host of the running machine is suspended for longer than its lock lives; another machine
   * wants the disk meanwhile.
   */
  void suspendMachine() {
    SimQemu machine = working();
    if (machine != null) {
      world.violations().trace(() -> machine + " is suspended");
      machine.mayHaveLostLock();
      long nanos = 4_000_000_000L + random.nextLong(6_000_000_000L);
      world.suspend(machine.host().process(), nanos);
      world.queue().after(nanos - 1, () -> killIfOutdated(machine));
      rival();
    }
  }

  /**
   * Nobody tells a machine whose lock ended while it was suspended that the vid it believes in was
   * deleted; what it had created there and not indexed yet is swept then. If the lock is still free
   * for it when it comes back, it indexes that, and nothing refuses it.
   */
  private void killIfOutdated(SimQemu machine) {
    if (machine.end() == End.NONE && lostUnseen.contains(machine) && machine.isCreating()) {
      kill(machine);
    }
  }

  /** Somebody else opens the disk. */
  void rival() {
    attempts = 0;
    watchRival(start(5 + random.nextInt(10)), 0);
  }

  private void watchRival(SimQemu rival, int tries) {
    if (rival.end() == End.NONE) {
      world.queue().after(RETRY / 10, () -> watchRival(rival, tries));
      return;
    }
    noticeEnd(rival);
    if (rival.end() == End.LOCKED_OUT && tries < 12) {
      world
          .queue()
          .after(
              random.nextLong(RETRY), () -> watchRival(start(5 + random.nextInt(10)), tries + 1));
    }
  }

  /** An administrator ends the lock of the running machine, and another machine opens the disk. */
  void forceRelease(SimAdmin admin) {
    SimQemu machine = working();
    if (machine != null) {
      world.violations().trace(() -> "lock of " + machine + " is released by force");
      history.beginForcedRelease();
      admin
          .forceRelease(name)
          .thenRun(
              () -> {
                rival();
                // a broken connection may still deliver it
                world.queue().after(RETRY, history::endForcedRelease);
              });
    }
  }

  /** A snapshot of the running machine: by itself or by an administrator, depending on the disk. */
  void snapshot(SimAdmin admin) {
    if (snapshotting) {
      return;
    }
    String tag = "tag" + snapshotNumber++;
    if (guestTakesSnapshots) {
      SimQemu machine = working();
      if (machine != null) {
        machine.snapshot(tag, snapshot -> taken(snapshot, admin));
      }
      return;
    }
    snapshotting = true;
    admin
        // whose tag may be written yet gives the same command again
        .snapshot(name, tag, world.shape().geometry().diskSize(), history, () -> snapshotNumber--)
        .thenAccept(
            snapshot -> {
              snapshotting = false;
              if (snapshot != null) {
                taken(snapshot, admin);
              }
            });
  }

  private void taken(SnapshotRecord snapshot, SimAdmin admin) {
    world.violations().trace(() -> snapshot + " is there");
    snapshots.add(snapshot);
    if (random.nextInt(5) == 0) {
      delete(snapshot, admin);
      return;
    }
    List<SimNode> living = world.living();
    admin
        .readAll(
            living.get(random.nextInt(living.size())).address(),
            name,
            snapshot.tag(),
            world.shape().geometry())
        .thenAccept(
            contents -> {
              if (contents != null && snapshots.contains(snapshot)) {
                snapshot.read(contents);
              }
            });
  }

  /**
   * Deletes a snapshot; the machine that runs goes on with what it shared. It may even still write
   * to the vid that became the snapshot, because nothing has told it.
   */
  void deleteSnapshot(SimAdmin admin) {
    if (!snapshots.isEmpty()) {
      delete(snapshots.get(random.nextInt(snapshots.size())), admin);
    }
  }

  private void delete(SnapshotRecord victim, SimAdmin admin) {
    List<SimQemu> believers =
        machines.stream().filter(machine -> believesIn(victim, machine)).toList();
    if (!believers.isEmpty()) {
      world.faults().count(Fault.SNAPSHOT_LOST_UNSEEN);
      lostUnseen.addAll(believers);
    }
    snapshots.remove(victim);
    world.violations().trace(() -> victim + " is to be deleted");
    admin.delete(name, victim.tag());
  }

  private static boolean believesIn(SnapshotRecord snapshot, SimQemu machine) {
    return machine.isWorking() && snapshot.vid().equals(machine.vid());
  }
}
