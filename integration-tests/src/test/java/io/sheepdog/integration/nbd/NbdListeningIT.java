package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

  /**
   * To a daemon in a container the kernel does not tell the processes outside, so they all look
   * alike.
   */
  @Test
  void processesThatADaemonCannotSeeAreNotTakenForOne() {
    Path store = CLUSTER.directory().resolve("l7006");
    CLUSTER
        .shell()
        .start(
            CLUSTER.directory().resolve("l7006.out"),
            List.of(
                "env",
                "SHEEPDOG_LOCAL_DIR=" + CLUSTER.directory().resolve("events"),
                "unshare",
                "--pid",
                "--fork",
                "--kill-child",
                "sheep",
                "-f",
                "-c",
                "local",
                "-p",
                "7006",
                store.toString()));
    await("the daemon in the container serves")
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> CLUSTER.shell().run("nbdinfo --list " + NbdUser.unix(store, "")).exitCode() == 0);
    user.run("collie vdi create Contained 16M");
    String twice =
        """
        h.connect_uri("%s")
        h.pread(512, 0)
        try:
          g.connect_uri("%1$s")
          print("together")
          g.shutdown()
        except nbd.Error as e:
          print(str(e))
        h.shutdown()
        """;
    assertThat(user.python(twice.formatted(NbdUser.unix(store, "Contained"))).orFail().stdout())
        .contains("server policy");
    user.awaitNotRunning("Contained");
    String own = NbdUser.unix(CLUSTER.store(0), "Contained");
    assertThat(user.python(twice.formatted(own)).orFail().stdout()).contains("together");
    user.awaitNotRunning("Contained");
  }

  @Test
  void whoseLockWasTakenAwayStandsInNobodysWay() {
    user.run("collie vdi create Released 16M");
    user.python(
            """
            import errno, subprocess
            h.connect_uri("nbd://127.0.0.1/Released")
            h.pwrite(b"1" * 512, 0)
            subprocess.run(["collie", "vdi", "release", "Released"], check=True)
            g.connect_uri("nbd://127.0.0.1/Released")
            assert g.pread(512, 0) == b"1" * 512
            g.pwrite(b"2" * 512, 0)
            try:
              h.pwrite(b"3" * 512, 0)
              raise AssertionError("written without a lock")
            except nbd.Error as e:
              assert e.errnum == errno.ESHUTDOWN, str(e)
            h.shutdown()
            assert g.pread(512, 0) == b"2" * 512
            g.pwrite(b"4" * 512, 0)
            g.shutdown()
            """)
        .orFail();
    user.awaitNotRunning("Released");
  }

  /** Parts of long requests that had not begun are not begun any more, and take no lock again. */
  @Test
  void whoseLockWasTakenAwayInTheMiddleOfLongRequestsWritesNoMore() {
    user.run("collie vdi create Taken 2G");
    user.python(
            """
            import errno, subprocess
            h.connect_uri("nbd://127.0.0.1/Taken")
            part = 512 << 20
            cookies = [h.aio_zero(part, i * part, flags=nbd.CMD_FLAG_NO_HOLE) for i in range(4)]
            while h.aio_get_direction() & nbd.AIO_DIRECTION_WRITE:
              h.poll(-1)
            subprocess.run(["collie", "vdi", "release", "Taken"], check=True)
            g.connect_uri("nbd://127.0.0.1/Taken")
            g.pwrite(b"g" * 4096, (2 << 30) - 4096)
            failed = 0
            for cookie in cookies:
              try:
                while not h.aio_command_completed(cookie):
                  h.poll(-1)
              except nbd.Error as e:
                assert e.errnum == errno.ESHUTDOWN, str(e)
                failed += 1
            assert failed > 0
            assert g.pread(4096, (2 << 30) - 4096) == b"g" * 4096
            h.shutdown()
            g.shutdown()
            """)
        .orFail();
    user.awaitNotRunning("Taken");
  }

  @Test
  void offIsOffAlsoOnTheSocket() {
    assertThat(start(7005, "--nbd off").orFail().stdout()).doesNotContain("NBD");
    assertThat(Files.exists(CLUSTER.directory().resolve("l7005/nbd.sock"))).isFalse();
    assertThat(user.run("ss -Hlnx").stdout()).doesNotContain("l7005/nbd.sock");
  }
}
