package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.protocol.inode.InodeLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * {@code vdi check} and {@code cluster check}: copies are changed and taken away behind the
 * daemons' backs.
 */
@Timeout(300)
final class CheckIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NODES = 3;
  private static final String CONTENTS = "seq 3000000 | head -c 12M";
  private static final String FIRST = "00%s00000000";
  private static final String SECOND = "00%s00000001";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(NODES, NODES);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, line);
  }

  @Test
  void copiesThatDifferAreFoundAndRepaired() throws IOException {
    String vid = image("Differing");
    String oid = FIRST.formatted(vid);
    overwrite(file(1, oid), 70_000);
    overwrite(file(2, SECOND.formatted(vid)), 0);

    Outcome looked = run("dog vdi check -n Differing").mustFail();
    assertThat(looked.exitCode()).isEqualTo(1);
    assertThat(looked.stderr()).contains("copies of " + oid + " differ in ");
    assertThat(Files.mismatch(file(0, oid), file(1, oid))).isEqualTo(70_000);

    assertThat(run("dog vdi check Differing").orFail().stdout().lines())
        .containsExactly(
            "fixed replica " + oid,
            "fixed replica " + SECOND.formatted(vid),
            "finish check&repair Differing");
    assertThat(Files.mismatch(file(0, oid), file(1, oid))).isEqualTo(-1);
    assertThat(run("dog vdi check Differing").orFail().stdout())
        .isEqualTo("finish check&repair Differing\n");
    assertContents("Differing");
  }

  /** The contacted node's own copy names objects that do not exist. */
  @Test
  void aDamagedInodeIsNoObstacle() throws IOException {
    String vid = image("Damaged");
    String inode = "80" + vid + "00000000";
    overwrite(file(0, inode), InodeLayout.INDEX_OFFSET);

    Outcome repaired = run("dog cluster check").orFail();
    assertThat(repaired.stdout())
        .contains("fixed replica " + inode + "\n")
        .contains("fix vdi Damaged\nfinish check&repair Damaged\n")
        .doesNotContain("missing");
    assertThat(Files.mismatch(file(0, inode), file(1, inode))).isEqualTo(-1);
    assertContents("Damaged");
  }

  @Test
  void copiesThatAreMissingAreNamed() {
    String vid = image("Missing");
    assertThat(run("dog vdi check -e Missing").orFail().stdout())
        .isEqualTo("Missing is fine, no object is missing.\n");

    run("dog cluster recover disable").orFail();
    CLUSTER.kill(2);
    run("rm -rf " + CLUSTER.store(2)).orFail();
    CLUSTER.start(2);
    await("the new node is asked")
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(run("dog vdi check -e Missing").mustFail().stdout())
                    .contains("[127.0.0.1:7002] oid " + FIRST.formatted(vid) + " is missing.\n")
                    .endsWith("Missing lost 4 object(s).\n"));
    assertThat(run("collie vdi check -e -o json Missing").mustFail().stdout())
        .contains("\"object_id\" : \"" + FIRST.formatted(vid) + "\"");

    run("dog cluster recover enable").orFail();
    awaitRecovered();
    run("dog vdi check -e Missing").orFail();
  }

  /** Of an image of 12 MiB the number. */
  private static String image(String name) {
    run("collie vdi create " + name + " 12M").orFail();
    run(CONTENTS + " | collie vdi write " + name).orFail();
    awaitRecovered();
    return run("dog vdi list -r " + name).orFail().stdout().trim().split(" ")[7];
  }

  private static void awaitRecovered() {
    await("recovery has ended")
        .atMost(LIMIT)
        .until(() -> run("dog node recovery -r").orFail().stdout().isEmpty());
  }

  private static void assertContents(String name) {
    assertThat(run("collie vdi read " + name + " | md5sum").orFail().stdout())
        .isEqualTo(run(CONTENTS + " | md5sum").orFail().stdout());
  }

  private static Path file(int node, String oid) {
    return CLUSTER.store(node).resolve("obj").resolve(oid);
  }

  private static void overwrite(Path file, long offset) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {0x55, 0x55}), offset);
    }
  }
}
