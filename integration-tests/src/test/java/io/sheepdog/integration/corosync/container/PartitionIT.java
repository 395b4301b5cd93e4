package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Five hosts of which two and three lose sight of each other: the three go on, the two stop. */
@Tag(Qemu52.TAG)
@Timeout(180)
final class PartitionIT {
  private static final int UNDER_WAY = 100;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(5);

  @TempDir private Path directory;
  private final List<ClusterNode> three = CLUSTER.nodes().subList(0, 3);
  private final List<ClusterNode> two = CLUSTER.nodes().subList(3, 5);

  @BeforeAll
  static void format() {
    CLUSTER.nodes().get(0).run("collie cluster format --copies=3").orFail();
  }

  @Test
  void theLargerPartGoesOnTheSmallerAcknowledgesNothingAndJoinsAgain() {
    qemu("qemu-img create -f sheepdog " + url(three.get(0), "Alice") + " 128M").orFail();
    qemu("qemu-img create -f sheepdog " + url(three.get(0), "Bob") + " 128M").orFail();
    String alice = url(three.get(0), "Alice");
    try (PatternWriter writer =
        PatternWriter.start(CLUSTER.client(), alice, directory.resolve("writer.err"))) {
      awaitWrites(writer, UNDER_WAY);

      three.forEach(node -> node.cutFrom(two));
      two.forEach(node -> node.cutFrom(three));

      awaitRows(three.get(0), three.size());
      awaitWrites(writer, writer.writes() + UNDER_WAY);
      for (ClusterNode node : two) {
        Outcome write = qemu("timeout 5 qemu-io -c 'write -P 7 0 64k' " + url(node, "Bob"));
        assertThat(write.stdout()).doesNotContain("wrote ");
      }

      CLUSTER.onAll(ClusterNode::mend);
      CLUSTER.onAll(node -> awaitRows(node, three.size() + two.size()));
      awaitWrites(writer, writer.writes() + UNDER_WAY);
      writer.finish();
      for (ClusterNode node : CLUSTER.nodes()) {
        assertThat(qemu("qemu-io " + writer.checks() + " " + url(node, "Alice")).orFail().stdout())
            .doesNotContain("failed");
        assertThat(qemu("qemu-io -c 'read -P 0 0 64k' " + url(node, "Bob")).orFail().stdout())
            .contains("read 65536/65536")
            .doesNotContain("failed");
      }
    }
  }

  private static void awaitWrites(PatternWriter writer, int writes) {
    Awaitility.await(writes + " acknowledged writes")
        .atMost(LIMIT)
        .until(() -> writer.writes() >= writes);
  }

  private static void awaitRows(ClusterNode node, int rows) {
    Awaitility.await(rows + " rows of node list on " + node.address())
        .atMost(LIMIT)
        .until(() -> node.run("timeout 5 collie node list").lines().size() == 2 + rows);
  }

  private static Outcome qemu(String line) {
    return CLUSTER.client().run(line);
  }

  private static String url(ClusterNode node, String vdi) {
    return "sheepdog://" + node.address() + ":7000/" + vdi;
  }
}
