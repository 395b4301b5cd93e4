package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.qemu.GuestImage;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The walk of the guide of May 2010, on eight hosts like the guide's. */
@Tag(Qemu52.TAG)
@Timeout(240)
@ClusterTest
final class EightNodeWalkIT {
  private static final int NODES = 8;

  /** FNV-1a of port and address, as the guide's own eight rows have it, in ascending order. */
  private static final List<String> ROWS =
      List.of(
          "0\t0790855edb827c86 - 198.18.0.186:7000",
          "1\t21ccb5ffafd3a078 - 198.18.0.188:7000",
          "2\t44f94b38d2af2cdb - 198.18.0.187:7000",
          "3\tbe5872d62b2581a9 - 198.18.0.185:7000",
          "4\td33253d059d7ff92 - 198.18.0.182:7000",
          "5\td3c579fba59887c7 - 198.18.0.183:7000",
          "6\td5fd1e1894a50914 - 198.18.0.184:7000",
          "7\tebf2a6fae1a2eb3d - 198.18.0.189:7000");

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(NODES);

  @TempDir private Path directory;

  @Test
  void eightHostsServeWhatOneOfThemTookIn() {
    everyNodeListsTheSameEight();

    ClusterNode first = CLUSTER.first();
    CLUSTER.format(3);
    String disk = GuestImage.disk().toString();
    qemu("qemu-img create -f sheepdog " + vdi(0, "Alice") + " 40G");
    qemu("qemu-img convert -f raw -O sheepdog " + disk + " " + vdi(0, "Bob"));

    assertThat(first.run("collie vdi list").orFail().stdout())
        .containsPattern("Alice +1 +40 GB +0.0 MB")
        .contains("Bob");
    assertThat(qemu("qemu-img compare -f raw -F sheepdog " + disk + " " + vdi(5, "Bob")))
        .contains("Images are identical.");
    everyNodeSaysWhereTheMachineRuns();
  }

  private static void everyNodeListsTheSameEight() {
    List<String> table = CLUSTER.nodes().get(0).run("collie node list").orFail().lines();
    assertThat(table).hasSize(2 + NODES);
    assertThat(table.get(0)).endsWith("Idx\tNode id (FNV-1a) - Host:Port");
    List<String> rows = table.subList(2, table.size());
    assertThat(rows).extracting(row -> row.substring(2)).isEqualTo(ROWS);
    assertThat(rows).filteredOn(row -> row.startsWith("* ")).hasSize(1);
    CLUSTER.onAll(
        node -> assertThat(node.run("collie node list").orFail().lines()).isEqualTo(table));
  }

  private void everyNodeSaysWhereTheMachineRuns() {
    ClusterNode used = CLUSTER.nodes().get(3);
    CLUSTER.onAll(node -> assertThat(statusOfAlice(node)).isEqualTo("not running"));
    Path log = directory.resolve("qemu.log");
    Process machine =
        CLUSTER
            .client()
            .start(
                log,
                List.of(
                    "qemu-system-x86_64",
                    "-S",
                    "-nodefaults",
                    "-display",
                    "none",
                    "--drive",
                    "format=sheepdog,file=" + vdi(3, "Alice")));
    try {
      Awaitility.await("Alice runs, see " + log)
          .atMost(Duration.ofSeconds(30))
          .until(() -> !statusOfAlice(used).equals("not running"));
      CLUSTER.onAll(
          node -> assertThat(statusOfAlice(node)).isEqualTo("running on " + used.address()));
    } finally {
      Cmd.killTree(machine);
    }
    Awaitility.await("Alice is free again")
        .atMost(Duration.ofSeconds(30))
        .until(() -> statusOfAlice(used).equals("not running"));
  }

  private static String statusOfAlice(ClusterNode node) {
    return node.run("collie vm list").orFail().lines().stream()
        .filter(row -> row.startsWith("Alice "))
        .map(row -> row.split("\\|", -1)[4].strip())
        .findFirst()
        .orElseThrow();
  }

  private static String vdi(int node, String name) {
    return CLUSTER.nodes().get(node).url(name);
  }

  private static String qemu(String line) {
    return CLUSTER.client().run(line).orFail().stdout();
  }
}
