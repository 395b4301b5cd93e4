package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.time.Duration;

/** What the tests of NBD do again and again. */
record NbdUser(Shell shell) {
  private static final Duration LIMIT = Duration.ofSeconds(180);

  /** A lock ends five seconds after the last connection of its owner broke; the rest is slack. */
  private static final Duration LOCK_GRACE = Duration.ofSeconds(20);

  /** The export of the first node, the only one of the host that has the protocol's own port. */
  static String url(String export) {
    return "nbd://127.0.0.1/" + export;
  }

  /** The same through the socket in a store. */
  static String unix(Path store, String export) {
    return "nbd+unix:///" + export + "?socket=" + store.resolve("nbd.sock");
  }

  /** Runs a line that must succeed. */
  Outcome run(String line) {
    return shell.run(LIMIT, line).orFail();
  }

  /**
   * Runs a script with libnbd's module; {@code h} and {@code g} are handles that are not connected.
   */
  Outcome python(String script) {
    return shell.run(
        LIMIT,
        "/usr/bin/python3 - <<'END'\nimport nbd\nh = nbd.NBD()\ng = nbd.NBD()\n"
            + script
            + "\nEND");
  }

  /**
   * Waits until the lock of a VDI has ended: that is an event of the cluster, after the disconnect.
   */
  void awaitNotRunning(String vdi) {
    await("the lock of " + vdi + " ends")
        .atMost(LOCK_GRACE)
        .untilAsserted(() -> assertThat(statusOf(vdi)).isEqualTo("not running"));
  }

  /** The id of a working VDI, as it is in the names of its objects. */
  String vidOf(String vdi) {
    return run("collie vdi list " + vdi).lines().stream()
        .filter(line -> line.contains(vdi))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1).substring(2, 8))
        .findFirst()
        .orElseThrow(() -> new AssertionError("collie vdi list does not show " + vdi));
  }

  /** What {@code collie vm list} says of a VDI. */
  String statusOf(String vdi) {
    return run("collie vm list").lines().stream()
        .filter(row -> row.startsWith(vdi + " "))
        .map(row -> row.substring(row.lastIndexOf('|') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError("collie vm list does not show " + vdi));
  }
}
