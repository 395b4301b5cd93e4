package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where {@code sheep} listens for NBD clients, and what it says of that when it starts. */
@Timeout(240)
final class NbdListeningIT {
  /** Its only node has 127.0.0.1:10809. */
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  private static Outcome start(int port, String options) {
    return CLUSTER
        .shell()
        .run(
            Duration.ofSeconds(120),
            "SHEEPDOG_LOCAL_DIR=%s/events sheep -c local -p %d %s %s/l%2$d"
                .formatted(CLUSTER.directory(), port, options, CLUSTER.directory()));
  }

  @Test
  void theDefaultIsTheLoopbackPortAndTheSocket() {
    assertThat(user.run("ss -Hltn 'sport = 10809'").stdout())
        .containsPattern("127\\.0\\.0\\.1]?:10809");
    user.run("nbdinfo --list " + NbdUser.unix(CLUSTER.store(0), ""));
  }

  @Test
  void aSecondDaemonOfTheHostSaysThatThePortIsTakenAndServesItsSocket() {
    String said = start(7001, "").orFail().stdout();
    assertThat(said).contains("no NBD on TCP: 127.0.0.1:10809 is taken", "/l7001/nbd.sock works");
    user.run("nbdinfo --list " + NbdUser.unix(CLUSTER.directory().resolve("l7001"), ""));
  }

  @Test
  void aPortThatWasAskedForMustBeFree() {
    assertThat(start(7002, "--nbd 10809").mustFail().stderr()).contains("10809 is taken");
  }

  @Test
  void whoListensToTheNetworkWithoutTlsIsWarned() {
    String said = start(7003, "--nbd 0.0.0.0:10810").orFail().stdout();
    assertThat(said.lines().filter(line -> line.contains("warning")))
        .singleElement()
        .asString()
        .contains("can read and write all VDIs", "0.0.0.0:10810", "--nbd-tls");
    user.run("nbdinfo --list nbd://127.0.0.1:10810/");
    assertThat(start(7004, "--nbd 127.0.0.1:10811").orFail().stdout()).doesNotContain("warning");
  }

  @Test
  void offIsOffAlsoOnTheSocket() {
    assertThat(start(7005, "--nbd off").orFail().stdout()).doesNotContain("NBD");
    assertThat(Files.exists(CLUSTER.directory().resolve("l7005/nbd.sock"))).isFalse();
    assertThat(user.run("ss -Hlnx").stdout()).doesNotContain("l7005/nbd.sock");
  }
}
