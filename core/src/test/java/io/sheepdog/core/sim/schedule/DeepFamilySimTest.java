package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.client.Geometry;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Families of hundreds of images: everything reads right, and what an operation costs all nodes
 * together, counted in events, grows at most in proportion to the family.
 */
@Timeout(300)
class DeepFamilySimTest {
  private static final long SECOND = 1_000_000_000;
  private static final int DEPTH = 100;
  private static final int SNAPSHOTS = Integer.getInteger("family.snapshots", 1000);

  /** So much larger than at a tenth of the size may a cost be that is in proportion. */
  private static final int TEN_TIMES = 12;

  private final SimWorld world =
      new SimWorld(
          new SplittableRandom(5),
          new WorldShape(3, 1, new Geometry(4, 1, 512)),
          Mistake.NONE,
          false);
  private final VdiClient client = VdiClient.of(world);

  /** The work of something until its answer, and until all that was deleted is swept. */
  private long work(Runnable what) {
    swept();
    long before = world.queue().executed();
    what.run();
    swept();
    return world.queue().executed() - before;
  }

  private void swept() {
    assertThat(
            world.runUntil(
                () ->
                    world.nodes().stream()
                        .allMatch(
                            node -> node.node().agent().state().directory().deletions().isEmpty()),
                60 * SECOND))
        .isTrue();
  }

  @Test
  void clonesOfClonesToDepthAHundred() {
    client.create("vdi0");
    client.write("vdi0", 0, 1);
    long[] cloning = new long[DEPTH + 1];
    long[] writing = new long[DEPTH + 1];
    for (int depth = 1; depth <= DEPTH; depth++) {
      String from = "vdi" + (depth - 1);
      String to = "vdi" + depth;
      int value = depth + 1;
      boolean measured = depth == 10 || depth == DEPTH;
      client.snapshot(from, "base");
      Runnable clone = () -> client.cloneVdi(from, "base", to);
      Runnable write = () -> client.write(to, value % 3 + 1, value);
      if (measured) {
        cloning[depth] = work(clone);
        writing[depth] = work(write);
      } else {
        clone.run();
        write.run();
      }
    }
    for (int depth = 0; depth <= DEPTH; depth++) {
      long[] contents = client.contents("vdi" + depth, "");
      assertThat(contents[0]).isEqualTo(1);
      for (int block = 1; block <= 3; block++) {
        int newest = depth;
        while (newest > 0 && (newest + 1) % 3 + 1 != block) {
          newest--;
        }
        assertThat(contents[block]).as("vdi%s", depth).isEqualTo(newest == 0 ? 0 : newest + 1);
      }
    }
    assertThat(cloning[DEPTH]).as("a clone costs the same").isLessThan(2 * cloning[10] + 100);
    assertThat(writing[DEPTH]).as("so does a write").isLessThan(2 * writing[10] + 100);
    // from the middle: it is in the way of everything
    long leaf = work(() -> client.delete("vdi" + DEPTH, ""));
    long middle = work(() -> client.delete("vdi50", "base"));
    System.out.printf(
        "depth 10 and 100: clone %d %d, write %d %d, delete of a leaf %d, in the middle %d%n",
        cloning[10], cloning[DEPTH], writing[10], writing[DEPTH], leaf, middle);
    assertThat(client.contents("vdi51", "base")[0]).isEqualTo(1);
  }

  private void takeSnapshots(String name, int count) {
    client.create(name);
    client.write(name, 0, 7);
    for (int i = 1; i <= count; i++) {
      client.write(name, i % 3 + 1, i);
      client.snapshot(name, "tag" + i);
    }
  }

  @Test
  void aThousandSnapshotsOfOneVdi() {
    takeSnapshots("small", SNAPSHOTS / 10);
    takeSnapshots("large", SNAPSHOTS);
    for (int i : new int[] {3, SNAPSHOTS / 2, SNAPSHOTS - 1}) {
      long[] contents = client.contents("large", "tag" + i);
      assertThat(contents[0]).isEqualTo(7);
      assertThat(contents[i % 3 + 1]).isEqualTo(i);
      assertThat(contents[(i - 1) % 3 + 1]).isEqualTo(i - 1);
    }
    long[] taking = both(name -> client.snapshot(name, "more"));
    // what it has alone may be named by anybody: all are asked
    long[] newest = both(name -> client.delete(name, "more"));
    long[] oldest = both(name -> client.delete(name, "tag1"));
    long[] middle = both(name -> client.delete(name, "tag" + SNAPSHOTS / 20));
    long[] heads = both(name -> client.delete(name, ""));
    System.out.printf(
        "of %d and %d snapshots: take one %d %d, delete the newest %d %d, oldest %d %d, one between"
            + " %d %d, the working image %d %d%n",
        SNAPSHOTS / 10,
        SNAPSHOTS,
        taking[0],
        taking[1],
        newest[0],
        newest[1],
        oldest[0],
        oldest[1],
        middle[0],
        middle[1],
        heads[0],
        heads[1]);
    assertThat(taking[1]).as("a snapshot costs the same").isLessThan(2 * taking[0] + 100);
    for (long[] deletion : new long[][] {newest, oldest, middle, heads}) {
      assertThat(deletion[1]).isLessThan(TEN_TIMES * deletion[0] + 1000);
    }
  }

  private long[] both(Consumer<String> what) {
    return new long[] {work(() -> what.accept("small")), work(() -> what.accept("large"))};
  }

  /** Those that are deleted while their family is swept share the next sweep. */
  @Test
  void manyDeletionsInARowCostInProportion() {
    takeSnapshots("small", 40);
    takeSnapshots("large", 160);
    long few = work(() -> deleteAll("small", 40));
    long many = work(() -> deleteAll("large", 160));
    System.out.printf("deleting 40 and 160 snapshots in a row: %d %d%n", few, many);
    assertThat(many).isLessThan(8 * few);
    assertThat(client.contents("large", "")[0]).isEqualTo(7);
  }

  private void deleteAll(String name, int count) {
    for (int i = 1; i <= count; i++) {
      client.delete(name, "tag" + i);
    }
  }
}
