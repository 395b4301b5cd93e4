package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The number of copies of a disk is changed; four nodes. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AlterCopiesSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";

  private static final class Story {
    private final SplittableRandom random;
    private final Geometry geometry = new Geometry(16, 2, 512);
    private final SimWorld world;
    private final SimAdmin admin;
    private final DiskStory disk;
    private long lastValue;

    Story(long seed, int copies) {
      random = new SplittableRandom(seed);
      world =
          new SimWorld(
              random.split(), new WorldShape(4, copies, geometry), new Mistake() {}, false);
      admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
      disk =
          new DiskStory(
              world, NAME, new long[geometry.blocks()], 3, random.split(), () -> ++lastValue);
      world.nodes().forEach(node -> node.node().start());
      until(world::allMembersSynced);
      var formatted = admin.format(1L << 32, copies);
      until(formatted::isDone);
      until(world::allServe);
      var created =
          admin.create(NAME, geometry.diskSize()).thenCompose(ok -> admin.lookup(NAME, ""));
      until(created::isDone);
      assertThat(created.join()).isEqualTo(ResultCode.SUCCESS);
      world.copiesChange();
      disk.run();
    }

    void until(BooleanSupplier condition) {
      boolean happened = world.runUntil(condition, 120 * SECOND);
      assertThat(world.queue().problem()).isNull();
      assertThat(happened).isTrue();
    }

    ResultCode alter(int copies) {
      var altered = admin.alterCopies(NAME, copies);
      until(altered::isDone);
      return altered.join();
    }

    VdiId vid() {
      for (VdiEntry entry : world.living().get(0).node().agent().state().directory().entries()) {
        return entry.vid();
      }
      throw new AssertionError("no VDI");
    }
  }

  @Test
  void writesUnderWayReachAllCopiesThereAreThen() {
    int altered = 0;
    for (long seed = 1; seed <= 20; seed++) {
      Story story = new Story(seed, 2);
      for (int copies = 3; !story.disk.isOver() || copies < 6; copies++) {
        altered += story.alter(2 + copies % 3) == ResultCode.SUCCESS ? 1 : 0;
        story.world.runFor(story.random.nextLong(SECOND / 20));
      }
      story.until(story.world::isRecovered);
      story.until(story.world::isPurged);
      story.world.whileSettled(story.world.invariants()::checkReplicas);
      for (SimNode node : story.world.living()) {
        var contents = story.admin.readAll(node.address(), NAME, "", story.geometry);
        story.until(contents::isDone);
        long[] values = contents.join();
        assertThat(values).isNotNull();
        for (int block = 0; block < values.length; block++) {
          story.disk.history().read(node, block, values[block]);
        }
      }
      assertThat(story.world.queue().problem()).as("seed " + seed).isNull();
    }
    System.out.println(altered + " changes");
    assertThat(altered).isGreaterThan(100);
  }

  /**
   * A new home that has not got its copy yet knows nothing of the object: that it was no home
   * before counts, not that it is one now.
   */
  @Test
  void whileTheOnlyCopyIsAwayItsObjectIsNotTakenForAbsent() {
    Story story = new Story(7, 1);
    story.until(story.disk::isOver);
    story.until(story.world::isRecovered);
    SimNode first = story.world.nodes().get(0);
    first.process().execute(() -> first.node().agent().propose(new RecoverySwitch(true)));
    NodeAddress inode =
        first.node().agent().ring(new Epoch(1)).targets(ObjectId.inode(story.vid()), 1).get(0);
    int block = 0;
    NodeAddress only = inode;
    while (only.equals(inode) || !isWritten(story, block)) {
      block++;
      ObjectId oid = ObjectId.data(story.vid(), story.geometry.objectOf(block));
      only = first.node().agent().ring(new Epoch(1)).targets(oid, 1).get(0);
    }
    assertThat(story.alter(2)).isEqualTo(ResultCode.SUCCESS);
    NodeAddress lost = only;
    SimNode victim =
        story.world.nodes().stream().filter(n -> n.address().equals(lost)).findFirst().get();
    story.world.crashAnyway(victim);
    story.until(
        () ->
            story.world.living().stream()
                .allMatch(node -> node.node().agent().servingEpoch().equals(new Epoch(3))));
    SimNode other = story.world.living().get(0);
    var read = story.admin.readBlock(other.address(), NAME, story.geometry, block);
    story.world.runFor(10 * SECOND);
    assertThat(read).isNotDone();

    story.world.bringBack(victim);
    story.until(read::isDone);
    OptionalLong value = read.join();
    assertThat(value).isNotNull();
    assertThat(value).isPresent();
    story.disk.history().read(other, block, value.getAsLong());
    assertThat(story.world.queue().problem()).isNull();
  }

  private static boolean isWritten(Story story, int block) {
    ObjectId oid = ObjectId.data(story.vid(), story.geometry.objectOf(block));
    List<SimNode> living = story.world.living();
    return living.stream().anyMatch(node -> node.disk().contents().holds(oid));
  }
}
