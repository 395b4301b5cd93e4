package io.sheepdog.integration.corosync;

import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A host on which corosync runs with a configuration, a state and a /tmp of its own. It ends with
 * the host.
 */
final class CorosyncNode {
  private static final Duration FORMATION = Duration.ofSeconds(60);
  private final Shell shell;
  private final Path directory;

  private CorosyncNode(Shell shell, Path directory) {
    this.shell = shell;
    this.directory = directory;
  }

  /**
   * Starts corosync.
   *
   * @param configuration directory with corosync.conf and, if it is needed, authkey
   * @param directory for what it prints, a new one
   */
  static CorosyncNode start(Shell shell, Path configuration, Path directory) throws IOException {
    Path tmp = Files.createDirectories(directory.resolve("tmp"));
    Path output = directory.resolve("corosync.out");
    shell
        .run(
            "for i in /dev/shm /run /var/lib/corosync /etc/corosync; do mount -t tmpfs none $i; done"
                + (" && cp "
                    + configuration
                    + "/* /etc/corosync/ && mount --bind "
                    + tmp
                    + " /tmp"))
        .orFail();
    shell.start(output, List.of("/usr/sbin/corosync", "-f"));
    return new CorosyncNode(shell, directory);
  }

  /** Waits until that many nodes are members and have quorum. */
  void awaitQuorumOf(int nodes) {
    Awaitility.await("quorum of " + nodes + ", see " + directory)
        .atMost(FORMATION)
        .until(
            () -> {
              String status = shell.run("corosync-quorumtool -s").stdout();
              return status.matches("(?s).*\nNodes: +" + nodes + "\n.*\nQuorate: +Yes\n.*");
            });
  }

  /** The value of a key in corosync's map, with its type. */
  String value(String key) {
    return shell.run("corosync-cmapctl -g " + key).orFail().stdout().strip();
  }
}
