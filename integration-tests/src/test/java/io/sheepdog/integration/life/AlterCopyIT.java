package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code vdi alter-copy} and {@code cluster alter-copy}: files of stores are counted. */
@Timeout(300)
final class AlterCopyIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NODES = 4;
  private static final String CONTENTS = "(seq 2000000 | head -c 12M; head -c 20M /dev/zero)";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(NODES, 2);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, line);
  }

  @Test
  void anImageGetsMoreCopiesAndThenFewer() {
    run("collie vdi create Altered 32M").orFail();
    run(CONTENTS + " | head -c 8M | collie vdi write Altered").orFail();
    String vid = raw("Altered", 7);
    assertThat(copiesOf(vid)).hasSize(3).containsOnly(2);

    assertThat(run("dog vdi alter-copy -f -c 4 Altered").orFail().stdout())
        .isEqualTo("Altered's redundancy level is set to 4, the old one was 2.\n");
    assertThat(raw("Altered", 8)).isEqualTo("4");
    run(CONTENTS + " | head -c 12M | collie vdi write Altered").orFail();
    await("each node has everything")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(copiesOf(vid)).hasSize(4).containsOnly(4));
    awaitRecovered();
    for (int node = 0; node < NODES - 1; node++) {
      CLUSTER.kill(node);
    }
    assertContents("7003");
    for (int node = 0; node < NODES - 1; node++) {
      CLUSTER.start(node);
    }
    awaitRecovered();

    assertThat(run("echo yes | dog vdi alter-copy -c 1 Altered").orFail().stdout())
        .endsWith("Altered's redundancy level is set to 1, the old one was 4.\n");
    await("one copy of each object is left, set aside or not")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(copiesOf(vid)).hasSize(4).containsOnly(1));
    CLUSTER.killAll();
    for (int node = 0; node < NODES; node++) {
      CLUSTER.start(node);
    }
    assertContents("7000");
    assertThat(copiesOf(vid)).containsOnly(1);
    assertThat(raw("Altered", 8)).isEqualTo("1");
  }

  @Test
  void theDefaultIsThatOfImagesThatAreMadeLater() {
    run("collie vdi create Before 8M").orFail();
    assertThat(run("dog cluster alter-copy -c 3 -f").orFail().stdout())
        .isEqualTo("The cluster's redundancy level is set to 3, the old one was 2.\n");
    assertThat(run("dog cluster alter-copy -c 3 -f").mustFail().stderr())
        .contains("The cluster's redundancy level is already set to 3, nothing changed.");
    run("collie vdi create After 8M").orFail();
    assertThat(raw("Before", 8)).isEqualTo("2");
    assertThat(raw("After", 8)).isEqualTo("3");
    run("dog cluster alter-copy -c 2 -f").orFail();
  }

  @Test
  void anImageThatSharesObjectsIsRefusedWithAWayOut() {
    run("collie vdi create Shared 8M").orFail();
    run("collie vdi snapshot -s one Shared").orFail();
    assertThat(run("dog vdi alter-copy -c 3 -f Shared").mustFail().stderr())
        .contains("it shares objects with a snapshot or clone")
        .contains("--no-share");
  }

  private static String raw(String name, int column) {
    return run("dog vdi list -r " + name).orFail().stdout().trim().split(" ")[column];
  }

  private static void assertContents(String port) {
    assertThat(run("collie vdi read Altered -p " + port + " | md5sum").orFail().stdout())
        .isEqualTo(run(CONTENTS + " | md5sum").orFail().stdout());
  }

  /** How many files of each object of that VDI there are in all stores. */
  private static Collection<Integer> copiesOf(String vid) {
    Map<String, Integer> found = new TreeMap<>();
    for (int node = 0; node < NODES; node++) {
      try (Stream<Path> files = Files.walk(CLUSTER.store(node).resolve("obj"))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(file -> file.matches("[08]0" + vid + "[0-9a-f]{8}(\\..*)?"))
            .forEach(file -> found.merge(file.substring(0, 16), 1, Integer::sum));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found.values();
  }

  private static void awaitRecovered() {
    await("all copies are where they belong")
        .atMost(LIMIT)
        .until(() -> run("dog node recovery").stdout().lines().count() == 2);
  }
}
