package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code sheep -V}, {@code cluster format -V}, {@code node vnodes set}: files are counted. */
@Timeout(300)
final class FixedVnodesIT {
  private static final int COPIES = 2;
  private static final List<Integer> ALL = List.of(0, 1, 2);
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String CONTENTS = "seq 100000000 | head -c 160M";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(3);

  private final Shell shell = CLUSTER.shell();
  private final Stores stores = new Stores(CLUSTER, COPIES);

  @Test
  void theShareOfANodeIsWhatAnOperatorSays() throws IOException {
    assertThat(shell.run(LIMIT, "dog cluster format -c 2 -V").mustFail().stderr())
        .contains("every node that holds objects must have been started with 'sheep -V N'");
    for (int node : ALL) {
      CLUSTER.kill(node);
    }
    for (int node : ALL) {
      CLUSTER.start(node, "-V 100");
    }
    assertThat(shell.run(LIMIT, "dog cluster format -c 2").mustFail().stderr())
        .contains("format with -V, or start it without");
    run("dog cluster format -c 2 -V");
    assertThat(run("dog cluster info -v")).contains("Cluster vnodes strategy: fixed");
    assertThat(vnodes()).containsExactly(100, 100, 100);
    run("collie vdi create Alice 160M");
    run(CONTENTS + " | collie vdi write Alice");
    Set<String> objects = stores.objects(ALL);
    stores.assertPlaced(objects, ALL);
    int before = stores.objects(List.of(2)).size();

    assertThat(run("dog node vnodes set 10 -p 7002")).isEmpty();
    assertThat(vnodes()).containsExactly(100, 100, 10);
    awaitPlaced(objects);
    assertThat(stores.objects(List.of(2)).size()).isLessThan(before / 2);
    assertThat(run("collie vdi read Alice -p 7002 | md5sum"))
        .isEqualTo(run(CONTENTS + " | md5sum"));

    CLUSTER.kill(2);
    await().atMost(LIMIT).until(() -> vnodes().size() == 2);
    assertThat(refused("-V 100")).contains("had 10 virtual nodes").contains("-V 10");
    assertThat(refused("")).contains("sheep -V 10");
    CLUSTER.start(2, "-V 10");
    assertThat(vnodes()).containsExactly(100, 100, 10);
    awaitPlaced(objects);

    Outcome reweight = shell.run(LIMIT, "dog cluster reweight").mustFail();
    assertThat(reweight.exitCode()).isEqualTo(1);
    assertThat(reweight.stderr()).contains("fixed numbers").contains("node vnodes set");
  }

  private String refused(String options) {
    return CLUSTER.tryToStart(2, options).mustFail().stderr();
  }

  private void awaitPlaced(Set<String> objects) {
    await("each object is on its homes, and set aside nowhere")
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              stores.assertPlaced(objects, ALL);
              assertThat(ALL).allMatch(node -> stores.setAside(node).isEmpty());
            });
  }

  private List<Integer> vnodes() {
    return run("dog node list -r")
        .lines()
        .map(line -> Integer.valueOf(line.split(" ")[2]))
        .toList();
  }

  private String run(String line) {
    return shell.run(LIMIT, line).orFail().stdout();
  }
}
