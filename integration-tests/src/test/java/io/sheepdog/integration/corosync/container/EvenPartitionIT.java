package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two equal halves lose sight of each other, with a client that writes on either side: one half at
 * most goes on, and both clients do when the halves are together again.
 */
@Tag(Qemu52.TAG)
@Timeout(180)
@ClusterTest
final class EvenPartitionIT {
  private static final int UNDER_WAY = 100;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String WRITE = "timeout 5 qemu-io -c 'write -P 7 0 64k' ";

  @TempDir private Path directory;

  @Nested
  final class OneAndOne {
    @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(2);

    @Test
    void oneHostAtMostGoesOn() {
      oneHalfAtMostGoesOn(CLUSTER, 2);
    }
  }

  @Nested
  final class TwoAndTwo {
    @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(4);

    @Test
    void onePairAtMostGoesOn() {
      oneHalfAtMostGoesOn(CLUSTER, 3);
    }
  }

  private void oneHalfAtMostGoesOn(ContainerCluster cluster, int copies) {
    int half = cluster.nodes().size() / 2;
    List<ClusterNode> left = cluster.nodes().subList(0, half);
    List<ClusterNode> right = cluster.nodes().subList(half, 2 * half);
    QemuHost client = cluster.client();
    cluster.format(copies);
    client.run("qemu-img create -f sheepdog " + left.get(0).url("Carol") + " 128M").orFail();
    try (PatternWriter alice = PatternWriter.start(client, left.get(0), "Alice", directory);
        PatternWriter bob = PatternWriter.start(client, right.get(0), "Bob", directory)) {
      alice.awaitMore(UNDER_WAY);
      bob.awaitMore(UNDER_WAY);

      left.forEach(node -> node.cutFrom(right));
      right.forEach(node -> node.cutFrom(left));
      cluster.onAll(node -> awaitRing(node, half));

      int aliceBefore = alice.writes();
      int bobBefore = bob.writes();
      boolean leftWrites = client.run(WRITE + left.get(0).url("Carol")).stdout().contains("wrote");
      boolean rightWrites =
          client.run(WRITE + right.get(0).url("Carol")).stdout().contains("wrote");
      leftWrites |= alice.writes() > aliceBefore;
      rightWrites |= bob.writes() > bobBefore;
      assertThat(leftWrites && rightWrites).as("both halves acknowledge writes").isFalse();

      cluster.onAll(ClusterNode::mend);
      cluster.onAll(node -> node.awaitRows(2 * half));
      alice.awaitMore(UNDER_WAY);
      bob.awaitMore(UNDER_WAY);
      alice.finish();
      bob.finish();
      for (ClusterNode node : cluster.nodes()) {
        alice.verify(node.url("Alice"));
        bob.verify(node.url("Bob"));
      }
    }
  }

  private static void awaitRing(ClusterNode node, int size) {
    Awaitility.await("a ring of " + size + " at " + node.address())
        .atMost(LIMIT)
        .until(() -> node.ringSize() == size);
  }
}
