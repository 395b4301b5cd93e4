package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The storage plugin for Proxmox VE on a real cluster; what Proxmox VE itself would be is in {@code
 * integrations/proxmox/t/lib}.
 */
@Timeout(240)
final class ProxmoxPluginIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  @Test
  void itDoesAllThatProxmoxAsksOfAStorage() {
    Path plugin = Repository.root().resolve("integrations/proxmox");
    Outcome outcome =
        CLUSTER
            .shell()
            .run(
                Duration.ofSeconds(200),
                "cd %s && /usr/bin/perl -T -I t/lib t/plugin.t \"$PATH\"".formatted(plugin));
    assertThat(outcome.orFail().stdout()).contains("1..9").doesNotContain("not ok");
  }
}
