package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.nbd.RawNbd;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random lives of images, beside a model of what must be in them: whatever was created, written,
 * discarded, snapshotted, cloned, rolled back and deleted, the contents are those of the model, and
 * at the end nothing is left but the numbers of what was there. The seed is the name of the test;
 * {@code -Dlife.base} and {@code -Dlife.seeds} choose others.
 */
@Timeout(600)
final class VdiPropertyIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int OBJECT = 1 << 20;
  private static final int SIZE = 3 * OBJECT + 4096;
  private static final int STEPS = 40;

  /**
   * The name in an inode, which is empty in that of a deleted VDI: its number is never given again.
   */
  private static final int NAME = 256;

  private static final String REMAINS =
      """
      cd %s; for object in n?/obj/[0-9a-f]*; do case $object in
        */obj/80*) [ -z "$(head -c NAME "$object" | tr -d '\\0')" ] || echo "$object" ;;
        *) echo "$object" ;;
      esac; done"""
          .replace("NAME", String.valueOf(NAME));

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 2);

  /** Contents of working images by name, and of snapshots by name and tag. */
  private final Map<String, byte[]> images = new TreeMap<>();

  private final Map<String, Map<String, byte[]>> snapshots = new TreeMap<>();
  private final List<String> story = new ArrayList<>();
  private Random random = new Random();
  private int names;

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("life.seeds", 2))
        .map(i -> i + Long.getLong("life.base", 1));
  }

  private void collie(String line) {
    story.add(line);
    CLUSTER.shell().run(LIMIT, "collie vdi " + line).orFail();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverIsDoneTheContentsAreRightAndNothingIsLeft(long seed) throws IOException {
    random = new Random(seed);
    try {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      verifyAll();
      deleteAll();
      await("nothing is left in any store")
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(CLUSTER.shell().run(REMAINS.formatted(CLUSTER.directory())).lines())
                      .isEmpty());
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + ", after:\n" + String.join("\n", story) + "\n" + e.getMessage(), e);
    }
  }

  private void step() throws IOException {
    int kind = random.nextInt(20);
    if (images.isEmpty() || kind == 0) {
      String name = "v" + names++;
      collie("create -z 20 " + name + " " + SIZE);
      images.put(name, new byte[SIZE]);
    } else if (kind < 8) {
      Map.Entry<String, byte[]> image = any(images);
      change(image.getKey(), image.getValue());
    } else if (kind < 12) {
      Map.Entry<String, byte[]> image = any(images);
      String tag = "t" + names++;
      collie("snapshot -s " + tag + " " + image.getKey());
      snapshots
          .computeIfAbsent(image.getKey(), n -> new TreeMap<>())
          .put(tag, image.getValue().clone());
    } else if (kind == 12) {
      collie("setattr " + any(images).getKey() + " key" + random.nextInt(3) + " value" + names++);
    } else if (kind == 13) {
      verifyAll();
    } else if (snapshots.isEmpty() || kind == 14) {
      String name = any(images).getKey();
      collie("delete " + name);
      images.remove(name);
    } else {
      ofSnapshot(kind);
    }
  }

  private void ofSnapshot(int kind) {
    Map.Entry<String, Map<String, byte[]>> ofOne = any(snapshots);
    String name = ofOne.getKey();
    Map<String, byte[]> tags = ofOne.getValue();
    Map.Entry<String, byte[]> snapshot = any(tags);
    String tag = snapshot.getKey();
    if (kind < 17) {
      String clone = "c" + names++;
      collie("clone -s " + tag + " " + name + " " + clone);
      images.put(clone, snapshot.getValue().clone());
    } else if (kind < 19) {
      collie("rollback --no-safety-snapshot -f -s " + tag + " " + name);
      images.put(name, snapshot.getValue().clone());
    } else {
      collie("delete -s " + tag + " " + name);
      tags.remove(tag);
      if (tags.isEmpty()) {
        snapshots.remove(name);
      }
    }
  }

  private <V> Map.Entry<String, V> any(Map<String, V> map) {
    return List.copyOf(map.entrySet()).get(random.nextInt(map.size()));
  }

  /** Some writes, zeros and discards, over one connection to one of the nodes. */
  private void change(String name, byte[] content) throws IOException {
    try (RawNbd nbd = RawNbd.open(CLUSTER.store(random.nextInt(3)), name)) {
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        int offset = random.nextInt(SIZE - 1);
        int length = 1 + random.nextInt(Math.min(SIZE - offset, 600_000));
        switch (random.nextInt(4)) {
          case 0 -> {
            story.add("zeros of " + length + " at " + offset + " in " + name);
            assertThat(nbd.call(0, RawNbd.WRITE_ZEROES, offset, length, new byte[0])).isZero();
            Arrays.fill(content, offset, offset + length, (byte) 0);
          }
          case 1 -> {
            // only whole objects are given back; what is left of others stays as it is
            int object = random.nextInt(3) * OBJECT;
            story.add("discard of the object at " + object + " in " + name);
            assertThat(nbd.call(0, RawNbd.TRIM, object, OBJECT, new byte[0])).isZero();
            Arrays.fill(content, object, object + OBJECT, (byte) 0);
          }
          default -> {
            story.add("write of " + length + " at " + offset + " to " + name);
            byte[] data = new byte[length];
            random.nextBytes(data);
            assertThat(nbd.call(0, RawNbd.WRITE, offset, length, data)).isZero();
            System.arraycopy(data, 0, content, offset, length);
          }
        }
      }
      nbd.disconnect();
    }
  }

  private void verifyAll() throws IOException {
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      verify(image.getKey() + "?readonly", image.getValue());
    }
    for (Map.Entry<String, Map<String, byte[]>> name : snapshots.entrySet()) {
      for (Map.Entry<String, byte[]> snapshot : name.getValue().entrySet()) {
        verify(name.getKey() + "@" + snapshot.getKey(), snapshot.getValue());
      }
    }
  }

  private void verify(String export, byte[] content) throws IOException {
    try (RawNbd nbd = RawNbd.open(CLUSTER.store(random.nextInt(3)), export)) {
      nbd.send(RawNbd.header(0, RawNbd.READ, 0, SIZE));
      assertThat(nbd.reply()).isZero();
      assertThat(Arrays.mismatch(nbd.data(SIZE), content))
          .as("first byte of " + export + " that is not what was written")
          .isEqualTo(-1);
      nbd.disconnect();
    }
  }

  private void deleteAll() {
    images.keySet().forEach(name -> collie("delete " + name));
    images.clear();
    snapshots.forEach(
        (name, tags) -> tags.keySet().forEach(tag -> collie("delete -s " + tag + " " + name)));
    snapshots.clear();
  }
}
