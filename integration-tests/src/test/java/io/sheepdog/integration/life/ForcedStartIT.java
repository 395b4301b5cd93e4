package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code cluster recover force}: a cluster goes on without nodes that never come back. */
@Timeout(240)
final class ForcedStartIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(4, 2);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, line);
  }

  @Test
  void theOthersGoOnAndWhoWasGivenUpJoinsAsANewNode() {
    assertThat(run("dog cluster recover force -f").mustFail().stderr())
        .isEqualTo(
            "failed to execute request, Cluster is running/halted and cannot be force recovered\n");
    run("collie vdi create Kept 64M").orFail();
    run("seq 1000000 | collie vdi write Kept").orFail();
    CLUSTER.killAll();
    for (int node = 0; node < 3; node++) {
      CLUSTER.start(node);
    }
    assertThat(run("collie cluster info").orFail().stderr())
        .startsWith("waiting for 127.0.0.1:7003;")
        .contains("cluster recover force");
    assertThat(run("collie vdi read Kept 0 2").mustFail().stderr())
        .contains("Waiting for other nodes");

    Outcome no = run("echo no | collie cluster recover force").orFail();
    assertThat(no.stderr()).contains("waits for 127.0.0.1:7003 of epoch 1");
    assertThat(run("collie cluster info").orFail().stdout()).doesNotContain("running");
    assertThat(run("echo yes | collie cluster recover force -p 7002").orFail().stdout())
        .contains("goes on in epoch 2 with 127.0.0.1:7000, 127.0.0.1:7001, 127.0.0.1:7002");

    assertThat(run("collie vdi read Kept | head -c 6888896 | md5sum").orFail().stdout())
        .isEqualTo(run("seq 1000000 | md5sum").orFail().stdout());
    run("echo more | collie vdi write Kept").orFail();
    awaitRecovered();

    CLUSTER.start(3);
    await("it is back")
        .atMost(LIMIT)
        .until(() -> run("dog node list -r").stdout().contains(":7003"));
    awaitRecovered();
    assertThat(run("collie vdi read Kept 0 5 -p 7003").orFail().stdout()).isEqualTo("more\n");

    CLUSTER.killAll();
    for (int node = 0; node < 4; node++) {
      CLUSTER.start(node);
    }
    assertThat(run("collie vdi read Kept 0 5 -p 7003").orFail().stdout()).isEqualTo("more\n");
  }

  private static void awaitRecovered() {
    await("all copies are where they belong")
        .atMost(LIMIT)
        .until(() -> run("dog node recovery").stdout().lines().count() == 2);
  }
}
