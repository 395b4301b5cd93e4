package io.sheepdog.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.qemu.Qemu52;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command, before the cluster is formatted. */
@Timeout(120)
final class UnformattedClusterIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(1);
  private static final Unharmed UNHARMED = new Unharmed(CLUSTER);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "collie vdi create Alice 64M",
        "collie vdi delete Alice",
        "collie vdi object Alice",
        "collie vdi lock Alice",
        "collie vdi release Alice",
        "collie vdi read Alice",
        "collie vdi write Alice 0 1 </etc/hostname",
        "dog vdi create Alice 64M"
      })
  void saysThatItWaitsForAFormat(String command) throws IOException {
    assertThat(UNHARMED.refuses(command).stderr()).containsIgnoringCase("format");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "collie vdi list",
        "collie vdi tree",
        "collie vdi graph",
        "collie vm list",
        "collie node info"
      })
  void whatOnlyLooksSaysItOrShowsNothing(String command) throws IOException {
    var outcome = CLUSTER.shell().run(command);

    assertThat(outcome.stderr()).doesNotContain("Exception");
    assertThat(outcome.exitCode() == 0 || outcome.stderr().contains("format")).isTrue();
    UNHARMED.hasNoStackTraces();
  }

  @Test
  @Tag(Qemu52.TAG)
  void qemuSaysThatItWaitsForAFormat() {
    var shell = CLUSTER.shell().preferring(Qemu52.bin());

    assertThat(shell.run("qemu-img create -f sheepdog Alice 40G").mustFail().stderr())
        .contains("waiting for a format operation");
  }

  @Test
  void whatShowsTheClusterWorks() {
    assertThat(CLUSTER.shell().run("collie cluster info").orFail().stdout())
        .contains("Waiting for a format operation");
    assertThat(CLUSTER.shell().run("collie node list").orFail().stdout()).contains("7000");
  }
}
