package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code collie bench} at real daemons. */
@Timeout(300)
final class BenchmarkIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(2, 2);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, "set -e; cd " + CLUSTER.directory() + "; " + line);
  }

  private static void assertNothingIsLeft() {
    await("everything is given back")
        .atMost(LIMIT)
        .until(() -> run("ls n?/obj | grep -c '^00' || :").orFail().stdout().strip().equals("0"));
    assertThat(run("collie vdi list -r").orFail().stdout()).isEmpty();
    assertThat(run("collie vdi lock list -r").orFail().stdout()).isEmpty();
  }

  @Test
  void aClusterIsMeasuredAndNothingIsLeft() {
    Outcome outcome = run("collie bench --size 32M -t 200").orFail();
    assertThat(outcome.stderr()).isEmpty();
    assertThat(outcome.stdout().lines().map(line -> line.split(" ")[0]))
        .containsExactly("workload", "fill", "write", "read", "randwrite", "randread");
    assertThat(outcome.stdout().lines().skip(2).map(line -> line.split(" +")[3]))
        .containsOnly("200");
    run("collie bench --size 32M -t 200 --writeback -w write,randwrite -n 1").orFail();
    assertNothingIsLeft();
  }

  @Test
  void anInterruptedBenchmarkLeavesNothing() {
    Outcome interrupted =
        run(
            """
            collie bench --size 64M --seconds 100 >said & bench=$!
            until grep -q fill said; do sleep 0.05; done
            kill $bench; wait $bench && echo unexpected || echo code $?
            """);
    assertThat(interrupted.stdout()).contains("code ").doesNotContain("unexpected");
    assertNothingIsLeft();
  }
}
