package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code script/vditest} by today's qemu-io. */
@Timeout(300)
final class VditestIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private static Outcome run(String line) {
    String tools = "export QEMU_IO=/usr/bin/qemu-io QEMU_IMG=/usr/bin/qemu-img; ";
    return CLUSTER
        .shell()
        .run(LIMIT, tools + "cd " + CLUSTER.directory() + "; " + line.replace("vditest", script()));
  }

  private static String script() {
    return Repository.root().resolve("script/vditest").toString();
  }

  @Test
  void whatIsReadIsWhatWasWritten() {
    run("collie vdi create Alice 64M").orFail();
    for (String options :
        new String[] {
          "-C 60 -s 1",
          "-C 60 -s 2 -a",
          "-C 60 -p linear -B 4K:64K -D 20:80 -o 5M -S 1M:9M",
          "-C 20 -c none -s 3",
          "-C 20 -c writethrough -B 512"
        }) {
      assertThat(run("vditest " + options + " Alice").orFail().stdout())
          .contains("everything read was what had been written");
    }
  }

  @Test
  void aWriteThatIsMissingIsFound() {
    run("collie vdi create Bob 4M").orFail();
    String loses =
        "printf '#!/bin/sh\\nsed 1~3{/^write/d} | qemu-io \"$@\"\\n' >lossy; chmod +x lossy; ";
    Outcome found = run(loses + "QEMU_IO=./lossy vditest -C 40 -s 7 -D 20:80 -S 0:256K Bob");
    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.stderr()).contains("FAILED; -s 7 repeats it");
  }

  @Test
  void theSameSeedGivesTheSameRequestsAndNothingIsDoneWithN() {
    String first = run("vditest -n -s 5 -C 10 -S 0:8M x").orFail().stdout();
    assertThat(run("vditest -n -s 5 -C 10 -S 0:8M x").orFail().stdout()).isEqualTo(first);
    assertThat(run("vditest -n -s 6 -C 10 -S 0:8M x").orFail().stdout()).isNotEqualTo(first);
    assertThat(first.lines())
        .allMatch(line -> line.matches("(read|write)( -P \\d+)? \\d+ \\d+|flush"));
    assertThat(run("vditest -B 1:0 x").exitCode()).isEqualTo(1);
  }
}
