package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code cluster format -t}: writes are refused while there are fewer zones than copies. */
@Timeout(240)
final class StrictModeIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(3);

  @Test
  void writesNeedAsManyZonesAsCopies() {
    CLUSTER.shell().run(LIMIT, "collie cluster format -t --copies=3").orFail();
    CLUSTER.shell().run(LIMIT, "collie vdi create Strict 8M").orFail();
    CLUSTER.shell().run(LIMIT, "echo one | collie vdi write Strict").orFail();
    CLUSTER.shell().run(LIMIT, "dog node kill -l -p 7002").orFail();
    await("it is gone")
        .atMost(LIMIT)
        .until(() -> !CLUSTER.shell().run("dog node list -r").stdout().contains(":7002"));
    assertThat(CLUSTER.shell().run(LIMIT, "echo two | dog vdi write Strict").mustFail().stderr())
        .contains("IO has halted as there are not enough living nodes");
    assertThat(CLUSTER.shell().run(LIMIT, "collie vdi read Strict 0 4").orFail().stdout())
        .isEqualTo("one\n");
    CLUSTER.start(2);
    CLUSTER.shell().run(LIMIT, "echo two | collie vdi write Strict").orFail();
  }
}
