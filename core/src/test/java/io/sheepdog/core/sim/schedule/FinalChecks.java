package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.sim.check.SnapshotRecord;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What must be true once all work is done: read through every gateway, compare the disks, delete
 * everything, count the buffers.
 */
final class FinalChecks {
  private static final long SECOND = 1_000_000_000;
  private static final long QUIET = 12 * SECOND;
  private static final long BOUND = 60 * SECOND;
  private static final long SWEEP_STEP = SECOND / 100;

  private static final Set<ResultCode> GONE = EnumSet.of(ResultCode.NO_VDI, ResultCode.NO_TAG);

  private final SimWorld world;
  private final SimAdmin admin;
  private final List<DiskStory> disks;

  FinalChecks(SimWorld world, SimAdmin admin, List<DiskStory> disks) {
    this.world = world;
    this.admin = admin;
    this.disks = disks;
  }

  void run() {
    settle();
    world.invariants().checkReplicas();
    checkUnnamedOfTheDead();
    if (world.queue().problem() == null) {
      world.holdCrashPlans(false);
      deleteEverything();
      checkBuffers();
    }
  }

  /** The same where nodes come and go, as far as the checks know what to expect then. */
  void runAfterRecovery() {
    settle();
    if (world.queue().problem() == null) {
      checkBuffers();
    }
  }

  /** Nobody works any more: what is left to do is done, and seen from everywhere. */
  private void settle() {
    world.noticeBrokenDisks();
    world.runFor(QUIET);
    world.holdCrashPlans(true);
    if (world.hasRot()) {
      findRot();
    }
    checkRecovery();
    readDisks();
    checkAgreement();
  }

  private void readDisks() {
    for (SimNode node : world.living()) {
      for (DiskStory disk : disks) {
        readDisk(node.address(), disk);
      }
    }
  }

  /** What disks have changed is found, though nobody reads it, and repaired. */
  private void findRot() {
    if (!world.runUntil(() -> !world.hasRot(), BOUND)) {
      world.violations().report("P3", "damaged copies are never repaired");
    }
  }

  /** Without any access, every object gets all its replicas, and what was set aside goes (R6). */
  private void checkRecovery() {
    if (!world.runUntil(world::isRecovered, BOUND)) {
      world.violations().report("R6", "recovery does not end: " + recoveryStates());
    } else if (!world.runUntil(world::isPurged, BOUND)) {
      world.violations().report("R6", "copies that were set aside are never purged");
    } else {
      world.whileSettled(world.invariants()::checkReplicas);
    }
  }

  private List<String> recoveryStates() {
    return world.living().stream()
        .map(
            node ->
                node
                    + " serves "
                    + node.node().agent().servingEpoch()
                    + ", "
                    + node.node().agent().state().recovery()
                    + ", "
                    + node.node().recovery().progress())
        .toList();
  }

  private void readDisk(NodeAddress node, DiskStory disk) {
    long[] contents =
        await(
            "reading " + disk.name(),
            admin.readAll(node, disk.name(), "", world.shape().geometry()));
    if (contents == null) {
      world.violations().report("P2", disk.name() + " cannot be read through " + node);
      return;
    }
    for (int block = 0; block < contents.length; block++) {
      disk.history().read("reader at " + node, block, contents[block]);
    }
    for (SnapshotRecord snapshot : List.copyOf(disk.snapshots())) {
      long[] values =
          await(
              "reading " + snapshot,
              admin.readAll(node, disk.name(), snapshot.tag(), world.shape().geometry()));
      if (values == null) {
        world.violations().report("P2", snapshot + " cannot be read through " + node);
        return;
      }
      snapshot.read(values);
    }
  }

  private void checkAgreement() {
    @Nullable ClusterState first = null;
    for (SimNode node : world.living()) {
      ClusterState state = node.node().agent().state();
      if (first == null) {
        first = state;
      } else if (!first.equals(state)) {
        world
            .violations()
            .report("agreement", "states differ in the end:\n" + first + "\n" + state);
      }
    }
  }

  private void checkUnnamedOfTheDead() {
    ClusterState state = world.living().get(0).node().agent().state();
    for (ObjectId oid : world.invariants().unnamed()) {
      VdiEntry owner = state.directory().entry(oid.vid());
      if (owner == null
          || (owner.state() != VdiEntry.State.HEAD && owner.state() != VdiEntry.State.SNAPSHOT)) {
        world
            .violations()
            .report("R8", "no live inode names " + oid + " of a dead VDI, and it is still there");
      }
    }
  }

  private void deleteEverything() {
    int crashesBefore = world.crashes();
    for (int i = disks.size() - 1; i >= 0; i--) {
      DiskStory disk = disks.get(i);
      delete(disk.name(), "", false);
      disk.snapshots().forEach(snapshot -> delete(disk.name(), snapshot.tag(), false));
    }
    // snapshots that a client was never told of, and those that outlived a deletion that failed
    for (VdiEntry entry : world.living().get(0).node().agent().state().directory().entries()) {
      if (entry.state() == VdiEntry.State.SNAPSHOT) {
        delete(entry.name(), entry.tag(), true);
      }
    }
    boolean swept = isSweptInTime();
    // a sweep that its node owed dies with the node; the next one of the family does its work
    if (!swept && world.crashes() == crashesBefore) {
      world
          .violations()
          .report("R8", "never removed after all was deleted: " + world.invariants().unnamed());
    }
  }

  /** Looks now and then only: it takes longer than an event. */
  private boolean isSweptInTime() {
    for (long waited = 0; waited < BOUND; waited += SWEEP_STEP) {
      if (world.invariants().unnamed().isEmpty()) {
        return true;
      }
      world.runFor(SWEEP_STEP);
    }
    return false;
  }

  /**
   * Deletes until somebody says that it is gone: the node that was asked first may die meanwhile.
   */
  private void delete(String name, String tag, boolean mayBeGone) {
    boolean gone = mayBeGone;
    for (int i = 0; i < world.shape().nodes(); i++) {
      ResultCode code = await("deleting " + name + ":" + tag, admin.delete(name, tag));
      if (code == ResultCode.SUCCESS || (gone && code != null && GONE.contains(code))) {
        return;
      }
      if (code != null) {
        world.violations().report("liveness", "deleting " + name + ":" + tag + " answered " + code);
        return;
      }
      gone = true;
    }
    world.violations().report("liveness", "nobody answers: deleting " + name + ":" + tag);
  }

  private void checkBuffers() {
    world.runFor(2 * SECOND);
    for (SimNode node : world.living()) {
      int leaked = node.buffers().outstanding();
      if (leaked != 0) {
        world.violations().report("P7", leaked + " buffers of " + node + " were never released");
      }
    }
  }

  private <T> @Nullable T await(String what, CompletableFuture<@Nullable T> stage) {
    if (!world.runUntil(stage::isDone, BOUND)) {
      world.violations().report("liveness", "no answer: " + what);
      return null;
    }
    return stage.join();
  }
}
