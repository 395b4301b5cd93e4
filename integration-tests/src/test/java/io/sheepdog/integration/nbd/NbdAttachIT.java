package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/**
 * The lines of {@code vdi attach} are carried out as they are: by TCP, by the socket, and by TLS
 * with a certificate of the client.
 */
@Timeout(300)
final class NbdAttachIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String TCP = "";
  private static final String SOCKET = "--socket";
  private static final String TLS = "-p 7001 --tls-dir TLS";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  @BeforeAll
  static void startDaemonsWithTlsAndWithoutNbd() {
    NbdUser user = new NbdUser(CLUSTER.shell());
    user.run(
        """
        set -e
        exec 2>&1
        mkdir %1$s
        cd %1$s
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca-cert.pem -subj /CN=ca -days 2
        for who in server client; do
          openssl req -newkey rsa:2048 -nodes -keyout $who-key.pem -subj /CN=$who -out $who.csr
          printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' >names
          openssl x509 -req -in $who.csr -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial \\
            -days 2 -extfile names -out $who-cert.pem
        done
        """
            .formatted(certificates()));
    String start = "SHEEPDOG_LOCAL_DIR=%s/events sheep -c local -p %d %s %s/a%2$d";
    Path home = CLUSTER.directory();
    user.run(
        start.formatted(home, 7001, "--nbd 10810 --nbd-tls " + certificates() + ",verify", home));
    user.run(start.formatted(home, 7002, "--nbd off", home));
    user.run("collie vdi create Lines 16M");
    user.run("qemu-io -f raw -c 'write -P 5 0 1M' " + NbdUser.url("Lines"));
    user.run("collie vdi snapshot -s noon Lines");
  }

  private static Path certificates() {
    return CLUSTER.directory().resolve("tls");
  }

  private String line(String way, String options) {
    List<String> lines =
        user.run(
                "collie vdi attach " + options.replace("TLS", certificates().toString()) + " Lines")
            .lines();
    return lines.get(lines.indexOf("# " + way) + 1);
  }

  /** A machine that does not run, whose monitor reads the disk. */
  private void qemu(String options, String disk) {
    user.awaitNotRunning("Lines");
    String monitor = "qemu-io " + disk + " \"read -P 5 0 1M\"\nquit\n";
    Outcome said =
        user.run(
            "qemu-system-x86_64 -S -display none -nic none -monitor stdio "
                + options
                + " <<'END'\n"
                + monitor
                + "END");
    assertThat(said.stdout()).contains("read 1048576/1048576 bytes").doesNotContain("failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void qemuHasTheDrive(String options) {
    qemu(line("QEMU drive", options), "virtio0");
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void qemuHasTheBlockDevice(String options) {
    String line = line("QEMU blockdev", options);
    qemu(line, line.substring(line.lastIndexOf("drive=") + 6));
  }

  @Test
  void aVdiAndItsSnapshotAreInOneMachine() {
    String both = line("QEMU blockdev", "") + " " + line("QEMU blockdev", "-s noon");
    qemu(both, both.substring(both.lastIndexOf("drive=") + 6));
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void qemuHasWhatTheXmlSays(String options) throws Exception {
    Element disk =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(line("libvirt", options))))
            .getDocumentElement();
    Element source = (Element) disk.getElementsByTagName("source").item(0);
    Element host = (Element) disk.getElementsByTagName("host").item(0);
    assertThat(disk.getAttribute("type")).isEqualTo("network");
    String server =
        host.getAttribute("transport").equals("unix")
            ? "server.type=unix,server.path=" + host.getAttribute("socket")
            : "server.type=inet,server.host=%s,server.port=%s"
                .formatted(host.getAttribute("name"), host.getAttribute("port"));
    boolean tls = source.getAttribute("tls").equals("yes");
    assertThat(tls).isEqualTo(options.equals(TLS));
    qemu(
        (tls ? "-object tls-creds-x509,id=tls0,endpoint=client,dir=" + certificates() + " " : "")
            + "-blockdev driver=%s,node-name=disk0,export=%s,%s%s -device virtio-blk-pci,drive=disk0"
                .formatted(
                    source.getAttribute("protocol"),
                    source.getAttribute("name"),
                    server,
                    tls ? ",tls-creds=tls0" : ""),
        "disk0");
  }

  /** There is no /dev/nbd0 here; {@link NbdLinuxIT} has one. What matters is said before. */
  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void nbdClientNegotiates(String options) {
    String line = line("nbd-client", options);
    Outcome said = CLUSTER.shell().run(LIMIT, line.replace("/dev/nbd0", "/dev/null -nonetlink"));
    assertThat(said.stdout()).as(said.toString()).contains("size = 16MB");
    user.awaitNotRunning("Lines");
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void nbdcopyCopies(String options) {
    Path copy = CLUSTER.directory().resolve("lines.raw");
    user.awaitNotRunning("Lines");
    user.run(line("nbdcopy", options).replace("FILE", copy.toString()));
    assertThat(user.run("qemu-io -r -f raw -c 'read -P 5 0 1M' " + copy).stdout())
        .doesNotContain("failed");
    user.run("rm " + copy);
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, SOCKET, TLS})
  void nbdfuseShowsTheFile(String options) {
    Path mount = CLUSTER.directory().resolve("lines.fuse");
    user.awaitNotRunning("Lines");
    String read =
        "set -e; mkdir -p %1$s; %2$s & trap 'umount %1$s; wait' EXIT; "
            + "for i in $(seq 200); do [ -e %1$s/nbd ] && break; sleep 0.1; done; "
            + "head -c 1M %1$s/nbd >%1$s.head; tr -d '\\005' <%1$s.head | wc -c; wc -c <%1$s.head";
    assertThat(
            user.run(
                    read.formatted(
                        mount, line("nbdfuse", options).replace("DIRECTORY", mount.toString())))
                .lines())
        .containsExactly("0", "1048576");
    user.awaitNotRunning("Lines");
  }

  @Test
  void aDaemonWithoutNbdSaysSo() {
    assertThat(CLUSTER.shell().run(LIMIT, "collie vdi attach -p 7002 Lines").mustFail().stderr())
        .contains("serves no NBD", "--nbd off");
  }
}
