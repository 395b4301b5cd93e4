package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One of four nodes dies, and what is missing does not fit on the disks of the others: recovery
 * holds back before it fills them, and goes on when something was deleted.
 */
@Timeout(300)
final class RecoveryFullDiskIT {
  private static final int COPIES = 2;
  private static final int VICTIM = 3;
  private static final List<Integer> OTHERS = List.of(0, 1, 2);
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String KEPT = "seq 100000000 | head -c 40M";

  @RegisterExtension
  static final LocalCluster CLUSTER = LocalCluster.onDisks(COPIES, "128M", "128M", "128M", "128M");

  private final Shell shell = CLUSTER.shell();
  private final Stores stores = new Stores(CLUSTER, COPIES);

  @Test
  void recoveryLeavesATenthOfTheDisksFreeAndGoesOnAfterADeletion() throws IOException {
    run("collie vdi create Kept 40M && " + KEPT + " | collie vdi write Kept");
    run("collie vdi create Filler 140M && head -c 140M /dev/urandom | collie vdi write Filler");
    CLUSTER.kill(VICTIM);
    await("somebody says why it brings no more")
        .atMost(LIMIT)
        .until(() -> shell.run(LIMIT, "dog node recovery").stderr().contains("holds back"));
    await("whoever brought more than its disk should hold would have got there")
        .atMost(LIMIT)
        .until(() -> nodesThatBring() == 0);
    for (int node : OTHERS) {
      assertThat(usedPercent(node)).isLessThanOrEqualTo(91);
    }
    assertThat(log()).contains("event=RECOVERY_HELD_BACK").contains("delete VDIs");
    assertThat(run("dog node recovery").lines()).as("it is not over").hasSizeGreaterThan(2);
    assertKept();
    run("collie vdi write Kept 0 1M < /dev/zero && " + KEPT + " | collie vdi write Kept");
    assertKept();

    run("collie vdi delete Filler");
    await("recovery goes on by itself")
        .atMost(LIMIT)
        .until(() -> run("dog node recovery").lines().count() == 2);
    assertThat(log()).contains("event=RECOVERY_GOES_ON");
    Set<String> objects = stores.objects(OTHERS);
    stores.assertPlaced(objects, OTHERS);
    assertKept();
  }

  /** Of those that recover. */
  private int nodesThatBring() {
    return (int)
        run("dog node recovery -o json")
            .lines()
            .flatMap(line -> Arrays.stream(line.split("\\{")))
            .filter(
                node -> node.contains("\"held_back\":false") && !node.contains("\"remaining\":0"))
            .count();
  }

  private void assertKept() {
    for (int node : OTHERS) {
      assertThat(run("collie vdi read Kept -p " + CLUSTER.ports().get(node) + " | md5sum"))
          .isEqualTo(run(KEPT + " | md5sum"));
    }
  }

  private int usedPercent(int node) {
    String[] figures = run("stat -f -c '%b %a' " + CLUSTER.store(node)).strip().split(" ");
    return (int) (100 - 100 * Long.parseLong(figures[1]) / Long.parseLong(figures[0]));
  }

  private String log() {
    return OTHERS.stream()
        .map(node -> CLUSTER.files(node).resolve("sheep.log"))
        .map(RecoveryFullDiskIT::read)
        .collect(Collectors.joining());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String run(String line) {
    return shell.run(LIMIT, line).orFail().stdout();
  }
}
