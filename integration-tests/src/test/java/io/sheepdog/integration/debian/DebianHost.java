package io.sheepdog.integration.debian;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A minimal Debian 12 with network, processes and files of its own, and an empty directory /store
 * on a file system with user extended attributes. Takes root.
 */
final class DebianHost implements AutoCloseable {
  private static final Duration IMAGE = Duration.ofMinutes(10);
  private static final Duration LIMIT = Duration.ofSeconds(180);

  private final Host host = Host.isolated();
  private final Path root;

  private DebianHost(Path directory, String tar) throws IOException {
    this.root = Files.createDirectory(directory.resolve("root"));
    Path store = Files.createDirectory(directory.resolve("store"));
    // mounts in the host's own namespace end with it, and all its files in memory
    outside(
        """
        mount -t tmpfs -o mode=755 tmpfs %1$s
        tar -C %1$s --numeric-owner -xf %2$s
        mkdir %1$s/store
        mount --bind %3$s %1$s/store
        mount -t proc proc %1$s/proc
        mount --rbind /dev %1$s/dev
        """
            .formatted(root, tar, store));
  }

  /** Makes the files that all hosts begin with, which takes minutes the first time. */
  static String image() {
    String script = Repository.root().resolve("script/lib/debian-image.sh").toString();
    return new Cmd(List.of(script), Map.of(), IMAGE).run().orFail().stdout().strip();
  }

  /**
   * A host on which nothing has happened yet.
   *
   * @param directory an empty one, for /store
   */
  static DebianHost in(Path directory) {
    try {
      return new DebianHost(directory, image());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has dpkg install a package. */
  Outcome install(Path deb) {
    outside("cp '%s' '%s/root/package.deb'".formatted(deb, root));
    Outcome outcome = run("dpkg -i /root/package.deb");
    run("rm /root/package.deb").orFail();
    return outcome;
  }

  /** Runs one line as bash reads it, as root. */
  Outcome run(String line) {
    List<String> argv = new ArrayList<>(List.of("chroot", root.toString(), "env", "-i"));
    argv.addAll(List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "bash", "-c", line));
    return new Cmd(host.enter(argv), Map.of(), LIMIT).run();
  }

  /** Runs one line as another user. */
  Outcome runAs(String user, String line) {
    return run("su -s /bin/bash " + user + " -c '" + line + "'");
  }

  /**
   * Listens where a daemon is told that systemd listens, until the host is closed.
   *
   * @param socket path on the host
   * @param log path on the host of the file that gets what is said
   */
  void listenAsSystemd(String socket, String log) {
    String from = root + socket;
    outside(
        """
        setsid socat -u UNIX-RECV:'%1$s' OPEN:'%2$s',creat,append </dev/null >/dev/null 2>&1 &
        until [ -S '%1$s' ]; do sleep 0.05; done
        """
            .formatted(from, root + log));
  }

  private void outside(String script) {
    new Cmd(host.enter(List.of("sh", "-ec", script)), Map.of(), LIMIT).run().orFail();
  }

  @Override
  public void close() {
    host.close();
  }
}
