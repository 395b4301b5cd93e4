package io.sheepdog.integration.debian;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The package comes, is replaced and goes; daemons that run and stores are left alone. */
@Timeout(300)
final class DebianLifecycleIT {
  @TempDir private Path directory;
  private DebianHost host;

  @BeforeAll
  @Timeout(900)
  static void makeImage() {
    assertThat(Path.of(DebianHost.image())).isRegularFile();
  }

  @BeforeEach
  void openHost() {
    host = DebianHost.in(directory);
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  @Test
  void purgingLeavesNothingButTheUser() {
    Set<String> before = files();

    host.install(Package.file()).orFail();
    assertThat(files()).anyMatch(line -> line.contains(" /usr/share/sheepdog/daemon/lib/"));
    Outcome removed = host.run("dpkg --remove sheepdog").orFail();
    assertThat(host.run("ls -A /etc/corosync/uidgid.d").lines()).containsExactly("sheepdog");
    // as the unit of a store is enabled
    host.run(
            """
            mkdir -p /etc/systemd/system/multi-user.target.wants
            cd /etc/systemd/system/multi-user.target.wants
            ln -s /usr/lib/systemd/system/sheep@.service sheep@store.service
            """)
        .orFail();
    Outcome purged = host.run("dpkg --purge sheepdog").orFail();
    host.run("rmdir /etc/systemd/system/multi-user.target.wants || :");

    assertThat(removed.stderr() + purged.stderr()).isEmpty();
    Set<String> after = files();
    Set<String> left = new TreeSet<>(after);
    left.removeAll(before);
    assertThat(left).isEmpty();
    before.removeAll(after);
    assertThat(before).as("files that are gone or changed").isEmpty();
    assertThat(host.run("getent passwd sheepdog").orFail().stdout()).contains("/nologin");
  }

  @Test
  void anUpgradeLetsADaemonGoOnAndTheNextStartIsTheNewVersion() throws IOException {
    host.install(Package.olderVersion(Files.createDirectory(directory.resolve("older")))).orFail();
    String pid = startWithData();
    // from here on the files of the old version are gone
    assertThat(jarsNotOpenIn(pid)).isEmpty();

    Outcome upgraded = host.install(Package.file()).orFail();

    assertThat(upgraded.stdout()).contains("a sheep that runs goes on with the version");
    assertThat(host.run("find /usr/share/sheepdog -name '*-0.0.9.jar'").stdout()).isEmpty();
    host.run("cmp /root/data <(collie vdi read Alice 0 5000000)").orFail();
    host.run("collie vdi create Bob 1G && collie vdi snapshot -s after Alice").orFail();
    assertThat(host.run("pgrep -x sheep").stdout().strip()).isEqualTo(pid);
    stop(pid);
    assertThat(host.run("tail -n 1 /store/0/sheep.log").stdout()).contains("SHUTDOWN");
    assertThat(host.run("grep -c -e NoClassDefFound -e STOP_FAILED /store/0/sheep.log").stdout())
        .isEqualTo("0\n");

    start();
    assertThat(jarsNotOpenIn(host.run("pgrep -x sheep").orFail().stdout().strip())).isEmpty();
    host.run("cmp /root/data <(collie vdi read -s after Alice 0 5000000)").orFail();
  }

  @Test
  void aPackageIsNotRemovedUnderADaemonAndItsStoreStays() {
    host.install(Package.file()).orFail();
    String pid = startWithData();

    Outcome refused = host.run("dpkg --remove sheepdog").mustFail();

    assertThat(refused.stderr()).contains("sheep runs (process " + pid + ")", "Stop it first");
    assertThat(host.run("dpkg-query -W -f '${db:Status-Status}' sheepdog").stdout())
        .isEqualTo("installed");
    host.run("cmp /root/data <(collie vdi read Alice 0 5000000)").orFail();

    stop(pid);
    String store = storedFiles();
    host.run("dpkg --purge sheepdog").orFail();
    assertThat(storedFiles()).isEqualTo(store).contains("/store/0/obj/");
  }

  @Test
  void aNewJavaGetsArchivesOfItsOwn() {
    host.install(Package.file()).orFail();
    host.run("rm -r /var/cache/sheepdog").orFail();

    host.run("dpkg-trigger --no-await /usr/lib/jvm && dpkg --triggers-only sheepdog").orFail();

    assertThat(host.run("find /var/cache/sheepdog -name '*.jsa' -printf '%f\\n'").lines())
        .containsExactlyInAnyOrder("sheep.jsa", "collie.jsa");
  }

  private void start() {
    host.run("sheep -c local:upgrade -y 127.0.0.1 /store/0").orFail();
  }

  /** Starts a node with an image Alice that begins with /root/data; returns its process id. */
  private String startWithData() {
    start();
    host.run("collie cluster format --copies=1 && collie vdi create Alice 64M").orFail();
    host.run("head -c 5000000 /dev/urandom >/root/data && collie vdi write Alice </root/data")
        .orFail();
    return host.run("pgrep -x sheep").orFail().stdout().strip();
  }

  private void stop(String pid) {
    host.run("kill %1$s; while kill -0 %1$s 2>/dev/null; do sleep 0.1; done".formatted(pid))
        .orFail();
  }

  /** A jar that a daemon has not opened when an upgrade takes it away cannot be opened any more. */
  private String jarsNotOpenIn(String pid) {
    return host.run(
            """
            for jar in /usr/share/sheepdog/daemon/lib/*.jar; do
              ls -l /proc/%s/fd | grep -qF " $jar" || echo "$jar"
            done
            """
                .formatted(pid))
        .stdout();
  }

  private String storedFiles() {
    return host.run("find /store -type f -exec sha256sum {} + | sort").orFail().stdout();
  }

  /**
   * Every file with kind, mode, owner, link and checksum, but for what dpkg and adduser write down
   * what every JVM leaves in /tmp, and what does not outlive a boot.
   */
  private Set<String> files() {
    return new TreeSet<>(
        host.run(
                """
            find / \\( -path /proc -o -path /dev -o -path /store -o -path /tmp -o -path /run -o -path /var/lib/dpkg -o -path /var/log \\
              -o -regex '/etc/\\(passwd\\|group\\|shadow\\|gshadow\\|subuid\\|subgid\\)-?' -o -path /etc/.pwd.lock \\) -prune \\
              -o -printf '%y %m %u:%g %p %l\\n' >/tmp/all
            find /etc /usr /var /root -type f -not -path '/var/lib/dpkg/*' -not -path '/var/log/*' \\
              -not -regex '/etc/\\(passwd\\|group\\|shadow\\|gshadow\\|subuid\\|subgid\\|.pwd.lock\\)-?' \\
              -exec sha256sum {} + >>/tmp/all
            cat /tmp/all
            """)
            .orFail()
            .lines());
  }
}
