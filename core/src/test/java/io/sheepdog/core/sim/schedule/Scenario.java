package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.ResultCode;
import java.util.function.BooleanSupplier;

/** The steps that tests with a story of their own have in common; each ends at a problem. */
record Scenario(SimWorld world, SimAdmin admin) {
  private static final long SECOND = 1_000_000_000;
  private static final long LIMIT = 120 * SECOND;

  /** Goes on until something has happened, which must be soon. */
  void until(BooleanSupplier condition) {
    boolean happened = world.runUntil(condition, LIMIT);
    assertThat(world.queue().problem()).isNull();
    assertThat(happened).isTrue();
  }

  /** Lets time pass. */
  void pass(long nanos) {
    world.runFor(nanos);
    assertThat(world.queue().problem()).isNull();
  }

  /** Starts all nodes, and formats. */
  void startCluster(int copies, int flags) {
    world.nodes().forEach(node -> node.node().start());
    until(world::allMembersSynced);
    var formatted = admin.format(1L << 32, copies, flags);
    until(formatted::isDone);
    until(world::allServe);
  }

  /** Makes a VDI and has a machine write it until it has had enough. */
  void fillDisk(String name, long size, DiskStory disk) {
    var created = admin.create(name, size).thenCompose(ok -> admin.lookup(name, ""));
    until(created::isDone);
    assertThat(created.join()).isEqualTo(ResultCode.SUCCESS);
    disk.run();
    until(disk::isOver);
  }
}
