package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.fault.Redundancy;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Five hosts of which two and three lose sight of each other: the three go on, the two stop. */
@Tag(Qemu52.TAG)
@Timeout(180)
@ClusterTest
final class PartitionIT {
  private static final int UNDER_WAY = 100;
  private static final String BLANK = "qemu-io -c 'read -P 0 0 64k' ";

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(5);

  @TempDir private Path directory;
  private final List<ClusterNode> three = CLUSTER.nodes().subList(0, 3);
  private final List<ClusterNode> two = CLUSTER.nodes().subList(3, 5);

  @BeforeAll
  static void format() {
    CLUSTER.format(3);
  }

  @Test
  void theLargerPartGoesOnTheSmallerAcknowledgesNothingAndJoinsAgain() {
    qemu("qemu-img create -f sheepdog " + three.get(0).url("Bob") + " 128M").orFail();
    try (PatternWriter writer =
        PatternWriter.start(CLUSTER.client(), three.get(0), "Alice", directory)) {
      three.get(0).awaitRecovered();
      writer.awaitMore(UNDER_WAY);
      writer.longest();

      Redundancy redundancy = Redundancy.lostNow(three.get(0).log());
      three.forEach(node -> node.cutFrom(two));
      two.forEach(node -> node.cutFrom(three));

      writer.awaitMore(UNDER_WAY);
      Duration stall = writer.longest();
      Duration whole = redundancy.await();
      three.get(0).awaitRows(three.size());
      for (ClusterNode node : two) {
        Outcome write = qemu("timeout 5 qemu-io -c 'write -P 7 0 64k' " + node.url("Bob"));
        assertThat(write.stdout()).doesNotContain("wrote ");
        Outcome read = qemu("timeout 5 qemu-io -r -c 'read 0 64k' " + node.url("Bob"));
        assertThat(read.stdout()).doesNotContain("read ");
      }

      CLUSTER.onAll(ClusterNode::mend);
      CLUSTER.onAll(node -> node.awaitRows(three.size() + two.size()));
      writer.awaitMore(UNDER_WAY);
      writer.finish();
      for (ClusterNode node : CLUSTER.nodes()) {
        writer.verify(node.url("Alice"));
        assertThat(qemu(BLANK + node.url("Bob")).orFail().stdout())
            .contains("read 65536/65536")
            .doesNotContain("failed");
      }
      FaultTable.add(
          "corosync, 5 hosts", "partition, 3 and 2 hosts", stall, writer.writes(), whole);
    }
  }

  private static Outcome qemu(String line) {
    return CLUSTER.client().run(line);
  }
}
