package io.sheepdog.integration.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts on a cable with the addresses of the guide; real corosync judges the files. */
@Timeout(240)
final class CorosyncConfIT {
  private static final String NODES = " --node 192.50.109.182 --node 192.50.109.183";

  /** The file of the guide of May 2010, letter for letter. */
  private static final String GUIDE =
      """
      # Please read the corosync.conf.5 manual page
      compatibility: whitetank

      totem {
          version: 2
          secauth: off
          threads: 0
          interface {
              ringnumber: 0
              bindnetaddr: 192.50.109.182 # クラスタ環境の構築に利用するIPアドレス
              mcastaddr: 226.94.1.1
              mcastport: 5405
          }
      }

      logging {
          fileline: off
          to_stderr: yes
          to_logfile: yes
          to_syslog: yes
          logfile: /tmp/corosync.log
          debug: off
          timestamp: on
          logger_subsys {
              subsys: AMF
              debug: off
          }
      }

      amf {
          mode: disabled
      }
      """;

  @TempDir private Path directory;
  private Host first;
  private Host second;
  private Shell shell;
  private Path configuration;

  @BeforeEach
  void openHosts() throws IOException {
    first = Host.isolated();
    second = first.neighbour("192.50.109.182/24", "192.50.109.183/24");
    shell = new Shell(first, List.of(Repository.bin()));
    configuration = Files.createDirectory(directory.resolve("etc"));
  }

  @AfterEach
  void closeHosts() {
    second.close();
    first.close();
  }

  private Outcome run(String line) {
    return shell.run(line.replace("@", directory.toString()));
  }

  private List<CorosyncNode> startBoth() throws IOException {
    return List.of(
        CorosyncNode.start(shell, configuration, directory.resolve("first")),
        CorosyncNode.start(shell.on(second), configuration, directory.resolve("second")));
  }

  @Test
  void theGuidesFileIsUpgradedToOneThatFormsAMulticastCluster() throws IOException {
    Files.writeString(directory.resolve("guide.conf"), GUIDE);
    Outcome refused = run("/usr/sbin/corosync -t -c @/guide.conf").mustFail();
    assertThat(refused.stderr()).contains("failed to parse bindnet address '192.50.109.182 # ");
    assertThat(run("collie corosync check @/guide.conf").mustFail().stdout())
        .contains("guide.conf:10: error: the value of 'bindnetaddr' has a comment after it");

    Outcome upgrade =
        run("collie corosync upgrade @/guide.conf -w @/etc/corosync.conf" + NODES).orFail();

    assertThat(upgrade.stderr()).contains("dropped 'compatibility: whitetank'", "section amf");
    assertThat(run("collie corosync check @/etc/corosync.conf").orFail().stdout())
        .endsWith(": no mistakes found\n");
    for (CorosyncNode node : startBoth()) {
      node.awaitQuorumOf(2);
      assertThat(node.value("totem.transport")).endsWith("= udp");
      assertThat(node.value("totem.interface.0.mcastaddr")).endsWith("= 226.94.1.1");
    }
  }

  @Test
  void aGeneratedSecureFileFormsACluster() throws IOException {
    run("collie corosync generate --secure > @/etc/corosync.conf" + NODES).orFail();
    run("corosync-keygen -k @/etc/authkey").orFail();

    for (CorosyncNode node : startBoth()) {
      node.awaitQuorumOf(2);
      assertThat(node.value("totem.crypto_cipher")).endsWith("= aes256");
    }
  }

  @Test
  void aGeneratedFileIsOfNoUseOnAnotherHostAndTheCheckSaysSo() {
    run("collie corosync generate > @/etc/corosync.conf --node 192.50.109.190").orFail();

    assertThat(run("/usr/sbin/corosync -t -c @/etc/corosync.conf").mustFail().stderr())
        .contains("No valid name found for local host");
    assertThat(run("collie corosync check @/etc/corosync.conf").mustFail().stdout())
        .contains("no node of the nodelist is this host", "192.50.109.182");
  }
}
