package io.sheepdog.integration.tgt;

import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A {@code tgtd} on a host of its own with one target per VDI; its control socket is its own as
 * well.
 */
final class IscsiTarget implements AutoCloseable {

  private static final String NAME = "iqn.2026-11.io.sheepdog:";

  private final Shell shell;
  private final Path directory;
  private final Process tgtd;
  private int targets;

  private IscsiTarget(Shell shell, Path directory, Process tgtd) {
    this.shell = shell;
    this.directory = directory;
    this.tgtd = tgtd;
  }

  static IscsiTarget start(Shell shell) {
    try {
      Path directory = Files.createTempDirectory("sheepdog-tgt");
      Process tgtd =
          shell.start(
              directory.resolve("tgtd.log"),
              List.of("env", socketVariable(directory), "tgtd", "--foreground"));
      IscsiTarget target = new IscsiTarget(shell, directory, tgtd);
      await("tgtd listens")
          .atMost(Duration.ofSeconds(30))
          .until(() -> target.tryAdmin("--mode sys --op show").isEmpty());
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Offers a VDI and returns its iSCSI URL.
   *
   * @param sheep address and port of the node that tgtd talks to
   */
  String offer(String sheep, String vdi) {
    targets++;
    admin("--mode target --op new --tid %d --targetname %s%s".formatted(targets, NAME, vdi));
    admin(
        "--mode logicalunit --op new --tid %d --lun 1 --bstype sheepdog --backing-store tcp:%s:%s"
            .formatted(targets, sheep, vdi));
    admin("--mode target --op bind --tid %d --initiator-address ALL".formatted(targets));
    return "iscsi://127.0.0.1/" + NAME + vdi + "/1";
  }

  /** Closes all VDIs that were offered. */
  void withdrawAll() {
    for (; targets > 0; targets--) {
      admin("--mode target --op delete --force --tid " + targets);
    }
  }

  private void admin(String options) {
    String complaint = tryAdmin(options);
    if (!complaint.isEmpty()) {
      throw new AssertionError(complaint + log());
    }
  }

  private String tryAdmin(String options) {
    var outcome =
        shell.run("env %s tgtadm --lld iscsi %s".formatted(socketVariable(directory), options));
    return outcome.exitCode() == 0 ? "" : outcome.toString();
  }

  private static String socketVariable(Path directory) {
    return "TGT_IPC_SOCKET=" + directory.resolve("control");
  }

  private String log() {
    try {
      return "\n--- tgtd\n" + Files.readString(directory.resolve("tgtd.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills tgtd. Idempotent. */
  @Override
  public void close() {
    if (!Files.exists(directory)) {
      return;
    }
    Cmd.killTree(tgtd);
    tgtd.onExit().join();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
