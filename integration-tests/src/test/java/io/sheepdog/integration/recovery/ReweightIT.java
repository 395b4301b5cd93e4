package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code cluster reweight}: disks change their sizes, and files are counted in the stores. */
@Timeout(300)
final class ReweightIT {
  private static final int COPIES = 2;
  private static final List<Integer> ALL = List.of(0, 1, 2, 3);
  private static final int GROWN = 2;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String CONTENTS = "seq 100000000 | head -c 160M";

  @RegisterExtension
  static final LocalCluster CLUSTER = LocalCluster.onDisks(COPIES, "256M", "256M", "256M", "256M");

  private final Shell shell = CLUSTER.shell();
  private final Stores stores = new Stores(CLUSTER, COPIES);

  @Test
  void objectsFollowTheSizesOfTheDisksAndStayReadable() throws IOException {
    run("collie vdi create Alice 160M");
    run(CONTENTS + " | collie vdi write Alice");
    run("dog cluster reweight");
    assertThat(vnodes()).as("nothing has changed").containsOnly(128);
    assertThat(epochs()).isEqualTo(1);
    Set<String> objects = stores.objects(ALL);
    stores.assertPlaced(objects, ALL);
    int before = stores.objects(List.of(GROWN)).size();

    CLUSTER.resizeDisk(GROWN, "1024M");
    assertThat(run("dog cluster reweight")).isEmpty();
    assertThat(vnodes().get(GROWN)).isBetween(285, 300);
    assertThat(epochs()).as("one event for all").isEqualTo(2);
    awaitPlaced(objects);
    assertThat(stores.objects(List.of(GROWN)).size()).isGreaterThan(before * 5 / 4);
    assertContents();

    List<Integer> weights = vnodes();
    CLUSTER.kill(GROWN);
    await().atMost(LIMIT).until(() -> vnodes().size() == ALL.size() - 1);
    CLUSTER.start(GROWN);
    assertThat(vnodes()).as("what a node weighs survives its restart").isEqualTo(weights);
    awaitPlaced(objects);
    assertContents();
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

  private void assertContents() {
    for (int port : CLUSTER.ports()) {
      assertThat(run("collie vdi read Alice -p " + port + " | md5sum"))
          .isEqualTo(run(CONTENTS + " | md5sum"));
    }
  }

  private List<Integer> vnodes() {
    return run("dog node list -r")
        .lines()
        .map(line -> Integer.valueOf(line.split(" ")[2]))
        .toList();
  }

  private long epochs() {
    return run("dog cluster info -r").lines().filter(line -> line.contains("[")).count();
  }

  private String run(String line) {
    return shell.run(LIMIT, line).orFail().stdout();
  }
}
