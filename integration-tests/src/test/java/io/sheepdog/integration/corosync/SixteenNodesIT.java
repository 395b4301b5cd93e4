package io.sheepdog.integration.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.CorosyncCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sixteen machines whose sheep start in the same second. */
@Timeout(400)
final class SixteenNodesIT {
  private static final int NODES = 16;

  @RegisterExtension
  final CorosyncCluster cluster = new CorosyncCluster(NODES, CorosyncConf.QUORUM);

  private final ExecutorService operators = Executors.newFixedThreadPool(NODES);

  @AfterEach
  void operatorsGo() {
    operators.shutdownNow();
  }

  @Test
  void allJoin() {
    List<CompletableFuture<Outcome>> starts =
        IntStream.rangeClosed(1, NODES)
            .mapToObj(node -> CompletableFuture.supplyAsync(() -> start(node), operators))
            .toList();
    starts.forEach(start -> assertThat(start.join().orFail().stderr()).isEmpty());
    String first = cluster.run(1, "collie node list").orFail().stdout();
    assertThat(first.lines().filter(line -> line.endsWith(":7000"))).hasSize(NODES);
    assertThat(cluster.run(NODES, "collie node list").orFail().stdout()).isEqualTo(first);
  }

  /** With less memory than usual: there are sixteen on this machine. */
  private Outcome start(int node) {
    return cluster.run(node, "SHEEP_JAVA_OPTS=-Xmx192m sheep " + cluster.store(node));
  }
}
