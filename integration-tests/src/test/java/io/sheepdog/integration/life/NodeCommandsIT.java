package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code node stat}, {@code node md}, {@code node log}, {@code node kill} at real daemons. */
@Timeout(240)
final class NodeCommandsIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 2);

  private static String out(String line) {
    return CLUSTER.shell().run(Duration.ofSeconds(60), line).orFail().stdout();
  }

  @Test
  void statisticsCountRequests() {
    out("collie vdi create Stat 8M");
    long before = writes();
    out("head -c 1M /dev/zero | collie vdi write Stat");
    assertThat(writes()).isGreaterThan(before);
    assertThat(out("dog node stat"))
        .startsWith("Request\tActive\tTotal\tWrite\tRead\tRemove\tFlush");
    assertThat(CLUSTER.shell().run("timeout 3 collie node stat -w -r").stdout().lines())
        .hasSizeGreaterThan(3)
        .allSatisfy(row -> assertThat(row.split("\t")).hasSize(11));
  }

  private static long writes() {
    return Long.parseLong(out("dog node stat -r | head -n 1").split("\t")[2]);
  }

  @Test
  void everyNodeHasOneDirectory() {
    for (int node = 0; node < 3; node++) {
      assertThat(out("dog node md info -r -p 700" + node))
          .matches("127\\.0\\.0\\.1:700" + node + " 0 \\d+ \\d+ \\d+ \\d+% .*/n" + node + "/obj\n");
    }
    assertThat(out("collie node md info -A").lines().filter(row -> row.startsWith("Node ")))
        .hasSize(3);
  }

  @Test
  void theLogLevelChangesAtRunTime() {
    assertThat(out("collie node log level get")).isEqualTo("info (6)\n");
    out("collie node log level set err");
    assertThat(out("collie node log level get")).isEqualTo("err (3)\n");
    assertThat(out("collie node log level get -p 7001")).isEqualTo("info (6)\n");
    out("collie node log level set info");
  }

  @Test
  void theLogTellsWhatAdministratorsDid() {
    out("collie vdi create Told 8M");
    assertThat(CLUSTER.logOf(0).lines())
        .anyMatch(line -> line.contains("event=ADMIN_REQUEST op=NEW_VDI client=127.0.0.1"))
        .anyMatch(
            line -> line.contains("event=ADMIN_REPLY op=NEW_VDI") && line.contains("result=00"));
  }

  @Test
  void aNodeIsStoppedByItsNumber() {
    String id =
        out("dog node list -r")
            .lines()
            .filter(row -> row.contains(":7002"))
            .map(row -> row.split(" ")[0])
            .findFirst()
            .orElseThrow();
    out("dog node kill " + id);
    await("it is gone")
        .atMost(Duration.ofSeconds(60))
        .until(() -> !out("dog node list -r").contains(":7002"));
    await("it ends as on SIGTERM")
        .atMost(Duration.ofSeconds(60))
        .until(() -> CLUSTER.logOf(2).contains("reason=\"node kill\""));
    CLUSTER.start(2);
    assertThat(out("dog node list -r").lines()).hasSize(3);
  }
}
