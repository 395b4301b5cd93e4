package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is done to images, each reads as a model says, which copies everything; and when all are
 * deleted, no store has an object or attribute left, and of inodes only the empty ones by which the
 * ids stay used (R15). More with {@code -Dmodel.rounds=N}.
 */
@Timeout(300)
class VdiModelSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final int ROUNDS = Integer.getInteger("model.rounds", 6);
  private static final int STEPS = 60;
  private static final Geometry GEOMETRY = new Geometry(4, 2, 512);

  /** An image: what it reads as, its snapshots, and what was set. */
  private static final class Image {
    long[] head = new long[GEOMETRY.blocks()];
    final TreeMap<String, long[]> snapshots = new TreeMap<>();
    final TreeMap<String, String> attributes = new TreeMap<>();
    boolean hasHead = true;
  }

  private final TreeMap<String, Image> images = new TreeMap<>();
  private final StringBuilder story = new StringBuilder();
  private SplittableRandom random = new SplittableRandom();
  private int names;
  private long values;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void imagesReadAsTheModelAndLeaveNothing(int copies) {
    for (int round = 0; round < ROUNDS; round++) {
      long seed = 1000L * copies + round;
      random = new SplittableRandom(seed);
      images.clear();
      story.setLength(0);
      story.append("seed ").append(seed).append(": ");
      SimWorld world =
          new SimWorld(random.split(), new WorldShape(3, copies, GEOMETRY), Mistake.NONE, false);
      VdiClient client = VdiClient.of(world);
      for (int step = 0; step < STEPS; step++) {
        step(client);
        if (step % 10 == 9) {
          compare(client);
        }
      }
      compare(client);
      deleteEverything(client);
      assertThat(world.runUntil(() -> left(world).isEmpty(), 120 * SECOND))
          .as("%s%nleft: %s", story, left(world))
          .isTrue();
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private List<String> withHead() {
    return images.keySet().stream().filter(name -> image(name).hasHead).toList();
  }

  private List<String> withSnapshot() {
    return images.keySet().stream().filter(name -> !image(name).snapshots.isEmpty()).toList();
  }

  private Image image(String name) {
    return Objects.requireNonNull(images.get(name), name);
  }

  private String fresh(String kind) {
    return kind + names++;
  }

  private void step(VdiClient client) {
    int choice = random.nextInt(100);
    if (withHead().isEmpty() || choice < 6) {
      String name = fresh("vdi");
      say("create " + name);
      client.create(name);
      images.put(name, new Image());
    } else if (choice < 46) {
      String name = any(withHead());
      int block = random.nextInt(GEOMETRY.blocks());
      say("write " + name + " " + block);
      client.write(name, block, ++values);
      image(name).head[block] = values;
    } else if (choice < 54) {
      discard(client, any(withHead()));
    } else if (choice < 68) {
      String name = any(withHead());
      String tag = fresh("tag");
      say("snapshot " + name + " " + tag);
      client.snapshot(name, tag);
      image(name).snapshots.put(tag, image(name).head.clone());
    } else if (choice < 72) {
      String name = any(withHead());
      String key = "key" + random.nextInt(3);
      String value = fresh("value");
      say("setattr " + name + " " + key);
      client.setAttribute(name, key, value);
      image(name).attributes.put(key, value);
    } else if (choice < 76) {
      String name = any(withHead());
      say("delete " + name);
      client.delete(name, "");
      image(name).hasHead = false;
      forgetIfGone(name);
    } else if (!withSnapshot().isEmpty()) {
      withASnapshot(client, choice);
    }
  }

  private void discard(VdiClient client, String name) {
    int object = random.nextInt(GEOMETRY.objects());
    say("discard " + name + " " + object);
    client.discard(name, object);
    for (int block : GEOMETRY.blocksOf(object)) {
      image(name).head[block] = 0;
    }
  }

  private void withASnapshot(VdiClient client, int choice) {
    String name = any(withSnapshot());
    Image image = image(name);
    String tag = any(List.copyOf(image.snapshots.keySet()));
    if (choice < 84) {
      String clone = fresh("clone");
      say("clone " + name + " " + tag + " " + clone);
      client.cloneVdi(name, tag, clone);
      Image made = new Image();
      made.head = Objects.requireNonNull(image.snapshots.get(tag)).clone();
      images.put(clone, made);
    } else if (choice < 92 && image.hasHead) {
      String safety = fresh("safety");
      say("rollback " + name + " " + tag + " " + safety);
      client.rollback(name, tag, safety);
      image.snapshots.put(safety, image.head);
      image.head = Objects.requireNonNull(image.snapshots.get(tag)).clone();
    } else {
      say("delete " + name + " " + tag);
      client.delete(name, tag);
      image.snapshots.remove(tag);
      forgetIfGone(name);
    }
  }

  private void forgetIfGone(String name) {
    Image image = image(name);
    if (!image.hasHead && image.snapshots.isEmpty()) {
      images.remove(name);
    }
  }

  private void say(String what) {
    story.append(what).append("; ");
  }

  private void compare(VdiClient client) {
    for (Map.Entry<String, Image> entry : images.entrySet()) {
      Image image = entry.getValue();
      if (image.hasHead) {
        same(client.contents(entry.getKey(), ""), image.head, entry.getKey());
        for (Map.Entry<String, String> attribute : image.attributes.entrySet()) {
          assertThat(client.attribute(entry.getKey(), attribute.getKey()))
              .as("%s", story)
              .isEqualTo(attribute.getValue());
        }
      }
      image.snapshots.forEach(
          (tag, contents) ->
              same(client.contents(entry.getKey(), tag), contents, entry.getKey() + " " + tag));
    }
  }

  private void same(long[] actual, long[] expected, String what) {
    assertThat(actual).as("%s%n%s is %s", story, what, Arrays.toString(actual)).isEqualTo(expected);
  }

  private void deleteEverything(VdiClient client) {
    List<List<String>> all = new ArrayList<>();
    images.forEach(
        (name, image) -> {
          if (image.hasHead) {
            all.add(List.of(name, ""));
          }
          image.snapshots.keySet().forEach(tag -> all.add(List.of(name, tag)));
        });
    while (!all.isEmpty()) {
      List<String> next = all.remove(random.nextInt(all.size()));
      say("delete " + next);
      client.delete(next.get(0), next.get(1));
    }
  }

  private static List<String> left(SimWorld world) {
    List<String> left = new ArrayList<>();
    for (SimNode node : world.nodes()) {
      StoreContents disk = node.disk().contents();
      for (ObjectId oid : disk.objects()) {
        boolean isEmptyInode = oid.kind() == ObjectKind.INODE && disk.readIntLe(oid, 0) == 0;
        if (!isEmptyInode || namesSomething(disk, oid)) {
          left.add(node + " " + oid);
        }
      }
      disk.objectsSetAside().forEach(oid -> left.add(node + " set aside " + oid));
    }
    return left;
  }

  private static boolean namesSomething(StoreContents disk, ObjectId inode) {
    for (int object = 0; object < GEOMETRY.objects(); object++) {
      if (disk.readIntLe(inode, InodeLayout.indexEntryOffset(object)) != 0) {
        return true;
      }
    }
    return false;
  }
}
