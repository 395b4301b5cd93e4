package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.QuickRecovery;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.store.ForwardingStore;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All nodes end while a write is on some replicas and not on others: from then on it is there for
 * every reader, or for none (R10, R16). Three nodes, three copies.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class UnderWayAtTheEndSimTest {
  private static final String NAME = "Alice";
  private static final int NODES = 3;

  private final SplittableRandom random = new SplittableRandom(4715);
  private final Geometry geometry = new Geometry(4, 2, 512);

  /** Whose disk takes no write any more; the others' carry on. */
  private @Nullable SimProcess late;

  /** Marks of objects that were found to be the same everywhere, if these are held up. */
  private final List<Runnable> marks = new ArrayList<>();

  private boolean holdsMarksUp;

  /** Plays the story; what each node's readers are given in the end, of one block. */
  private Set<Long> valuesReadAfterwards(Rules rules, int lateNode) {
    SimWorld world =
        new SimWorld(random.split(), new WorldShape(NODES, NODES, geometry), rules, false);
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    Scenario scenario = new Scenario(world, admin);
    long[] lastValue = {0};
    DiskStory disk =
        new DiskStory(
            world, NAME, new long[geometry.blocks()], 2, random.split(), () -> ++lastValue[0]);
    scenario.startCluster(NODES, 0);
    scenario.fillDisk(NAME, geometry.diskSize(), disk);
    holdsMarksUp = rules.marksMeetTheWrite;
    int block = anOwnedBlock(world, admin, scenario, 1_000_000);
    if (holdsMarksUp) {
      // the block's object was summed up on all its homes, and that is what the marks are about
      scenario.until(() -> marks.size() >= NODES);
    }

    late = world.nodes().get(lateNode).process();
    var write = admin.writeBlock(world.nodes().get(0).address(), NAME, geometry, block, 2_000_000);
    scenario.pass(TimeUnit.SECONDS.toNanos(1));
    assertThat(write).isNotDone();
    holdsMarksUp = false;
    marks.forEach(Runnable::run);
    marks.clear();
    scenario.pass(TimeUnit.MILLISECONDS.toNanos(10));
    List<SimNode> all = world.living();
    all.forEach(world::crashAnyway);
    late = null;
    all.forEach(world::bringBack);
    scenario.until(() -> world.living().stream().allMatch(node -> node.node().agent().synced()));
    scenario.until(world::allServe);

    Set<Long> values = new TreeSet<>();
    for (SimNode node : world.living()) {
      var read = admin.readBlock(node.address(), NAME, geometry, block);
      scenario.until(read::isDone);
      values.add(read.join().getAsLong());
    }
    return values;
  }

  /** A block of an object that the VDI has; it holds that value now. */
  private int anOwnedBlock(SimWorld world, SimAdmin admin, Scenario scenario, long value) {
    for (int block = 0; block < geometry.blocks(); block++) {
      var write = admin.writeBlock(world.nodes().get(0).address(), NAME, geometry, block, value);
      scenario.until(write::isDone);
      if (write.join() == ResultCode.SUCCESS) {
        return block;
      }
    }
    throw new AssertionError("no object");
  }

  private final class Rules extends QuickRecovery implements Mistake {
    private final boolean compares;
    private final boolean marksMeetTheWrite;
    private final boolean looksAtVersions;

    /**
     * @param marksMeetTheWrite whether the object is marked clean while the write is under way
     * @param looksAtVersions whether that is done only if nothing has changed it since
     */
    Rules(boolean compares, boolean marksMeetTheWrite, boolean looksAtVersions) {
      this.compares = compares;
      this.marksMeetTheWrite = marksMeetTheWrite;
      this.looksAtVersions = looksAtVersions;
    }

    @Override
    public RecoveryPolicy recovery() {
      return this;
    }

    @Override
    protected boolean comparesDirtyObjects() {
      return compares;
    }

    @Override
    public ObjectStore store(ObjectStore real, SimProcess process) {
      return new ForwardingStore(real) {
        @Override
        public CompletionStage<StoreStatus> write(
            ObjectId oid, long offset, ByteBuf data, boolean durable) {
          return process == late
              ? new CompletableFuture<>()
              : super.write(oid, offset, data, durable);
        }

        @Override
        public CompletionStage<StoreStatus> markClean(ObjectId oid, long version) {
          if (!holdsMarksUp || oid.kind() != ObjectKind.DATA) {
            return mark(oid, version);
          }
          CompletableFuture<StoreStatus> marked = new CompletableFuture<>();
          marks.add(() -> process.execute(() -> mark(oid, version).thenAccept(marked::complete)));
          return marked;
        }

        private CompletionStage<StoreStatus> mark(ObjectId oid, long version) {
          return looksAtVersions
              ? super.markClean(oid, version)
              : super.digest(oid).thenCompose(now -> super.markClean(oid, now.version()));
        }
      };
    }
  }

  @Test
  void whatWasOnSomeReplicasWhenAllNodesEndedIsThereForAllReadersOrForNone() {
    for (int lateNode = 0; lateNode < NODES; lateNode++) {
      assertThat(valuesReadAfterwards(new Rules(true, false, true), lateNode))
          .as("node %d was late", lateNode)
          .hasSize(1)
          .isSubsetOf(1_000_000L, 2_000_000L);
    }
  }

  /** A planted mistake. */
  @Test
  void goingOnWithoutComparingWhatWasDirtyIsSeenByReaders() {
    assertThat(valuesReadAfterwards(new Rules(false, false, true), 2))
        .containsExactly(1_000_000L, 2_000_000L);
  }

  @Test
  void anObjectIsNotMarkedCleanWhileAWriteIsUnderWay() {
    for (int lateNode = 0; lateNode < NODES; lateNode++) {
      assertThat(valuesReadAfterwards(new Rules(true, true, true), lateNode))
          .as("node %d was late", lateNode)
          .hasSize(1)
          .isSubsetOf(1_000_000L, 2_000_000L);
    }
  }

  /** A planted mistake. */
  @Test
  void aMarkThatIsSetWithAWriteInFlightIsSeenByReaders() {
    assertThat(valuesReadAfterwards(new Rules(true, true, false), 2))
        .containsExactly(1_000_000L, 2_000_000L);
  }
}
