package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NbdService;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code vdi attach} tells other programs to be told. */
@Timeout(60)
final class VdiAttachTest {
  private final FakeWorld world = new FakeWorld().node("127.0.0.1:1", 0);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
    collie("vdi create Alice 40G");
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Tool.Result collie(String command) {
    return Tool.collie().at(daemon).run(command);
  }

  @Test
  void everyProgramGetsALine() {
    assertThat(collie("vdi attach Alice").out())
        .isEqualTo(
            """
            # QEMU drive
            -drive 'if=virtio,format=raw,file.driver=nbd,file.server.type=inet,file.server.host=127.0.0.1,file.server.port=10809,file.export=Alice,file.reconnect-delay=60,discard=unmap'
            # QEMU blockdev
            -blockdev 'node-name=NODE,driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=10809,export=Alice,reconnect-delay=60,discard=unmap' -device virtio-blk-pci,drive=NODE
            # libvirt
            <disk type='network' device='disk'><driver name='qemu' type='raw' discard='unmap'/><source protocol='nbd' name='Alice'><host name='127.0.0.1' port='10809'/></source><target dev='vda' bus='virtio'/></disk>
            # nbd-client
            nbd-client 127.0.0.1 10809 /dev/nbd0 -name 'Alice'
            # nbdcopy
            nbdcopy nbd://127.0.0.1/Alice FILE
            # nbdfuse
            nbdfuse DIRECTORY nbd://127.0.0.1/Alice
            """
                .replace("NODE", nodeName("Alice")));
  }

  /** QEMU's name for a working VDI. */
  private static String nodeName(String vdi) {
    return "sheepdog-" + VdiId.hashOf(vdi);
  }

  @Test
  void aSnapshotIsReadOnlyAndHasANodeNameOfItsOwn() {
    collie("vdi snapshot -s noon Alice");
    String snapshot = collie("vdi attach -s noon Alice").out();
    assertThat(snapshot)
        .contains(
            "file.export=Alice@noon,file.reconnect-delay=60,readonly=on'",
            "node-name=" + nodeName("Alice") + ",",
            "export=Alice@noon,reconnect-delay=60,read-only=on'",
            "<readonly/></disk>",
            "nbd-client 127.0.0.1 10809 /dev/nbd0 -name 'Alice@noon' -readonly");
    // the working VDI has gone on with another vid
    assertThat(collie("vdi attach Alice").out()).doesNotContain(nodeName("Alice") + ",");
  }

  @Test
  void namesThatNbdClientsCannotSayAreNotPrinted() {
    collie("vdi snapshot -s noon Alice");
    collie("vdi snapshot -s a@b Alice");
    assertThat(collie("vdi attach -s a@b Alice").out()).contains("-name 'Alice@2'");
    collie("vdi create Alice@noon 4M");
    assertThat(collie("vdi attach -s noon Alice").out()).contains("-name 'Alice@1'");
    Tool.Result refused = collie("vdi attach Alice@noon");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("also snapshot noon of 'Alice'", "vdi clone");
    collie("vdi create Alice@1 4M");
    assertThat(collie("vdi attach -s noon Alice").err()).contains("'Alice@1'", "vdi clone");
    collie("vdi create Alice?readonly 4M");
    assertThat(collie("vdi attach Alice?readonly").err()).contains("read-only", "vdi clone");
    collie("vdi create Bob@home 4M");
    assertThat(collie("vdi attach Bob@home").out()).contains("-name 'Bob@home'");
  }

  @Test
  void namesAreQuotedForEachProgram() {
    collie("vdi create a&b,c 1G");
    assertThat(collie("vdi attach a&b,c").out())
        .contains(
            "nbdcopy nbd://127.0.0.1/a%26b%2Cc FILE",
            "file.export=a&b,,c,file.reconnect", "export=a&b,,c,reconnect", "name='a&amp;b,c'");
    collie("vdi create it's_mine 1G");
    assertThat(collie("vdi attach it's_mine").out())
        .contains(
            "export=it'\\''s mine,reconnect", "-name 'it'\\''s mine'", "name='it&apos;s mine'");
  }

  @Test
  void theServerIsWhereTheDaemonSaysThatItIs() {
    world.nbd = new NbdService(false, false, 10811, "::1", "/s/nbd.sock");
    assertThat(collie("vdi attach Alice").out())
        .contains(
            "server.host=::1,server.port=10811",
            "<host name='::1' port='10811'/>",
            "nbd-client ::1 10811 /dev/nbd0",
            "nbdcopy 'nbd://[::1]:10811/Alice' FILE");
    for (String wildcard : new String[] {"0.0.0.0", "::"}) {
      world.nbd = new NbdService(false, false, 10809, wildcard, "/s/nbd.sock");
      assertThat(collie("vdi attach -a localhost Alice").out())
          .contains("server.host=localhost,", "nbdcopy nbd://localhost/Alice FILE");
    }
    world.nbd = new NbdService(false, false, 10809, "192.0.2.7", "/s/nbd.sock");
    assertThat(collie("vdi attach Alice").out()).contains("nbd-client 192.0.2.7 10809 ");
  }

  @Test
  void theSocketHasLinesOfItsOwn() {
    world.nbd = new NbdService(true, true, 10809, "127.0.0.1", "/my store/n,bd.sock");
    Tool.Result result = collie("vdi attach --socket Alice");
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .contains(
            "file.server.type=unix,file.server.path=/my store/n,,bd.sock,file.export=Alice",
            "server.type=unix,server.path=/my store/n,,bd.sock,export=Alice",
            "<host transport='unix' socket='/my store/n,bd.sock'/>",
            "nbd-client -unix '/my store/n,bd.sock' /dev/nbd0 -name 'Alice'",
            "nbdcopy 'nbd+unix:///Alice?socket=/my%20store/n%2Cbd.sock' FILE")
        .doesNotContain("tls");
  }

  @Test
  void tlsNamesTheCertificates() {
    world.nbd = new NbdService(true, false, 10809, "127.0.0.1", "/s/nbd.sock");
    String node = nodeName("Alice");
    assertThat(collie("vdi attach --tls-dir /tls Alice").out())
        .contains(
            "-object 'tls-creds-x509,id=%s-tls,endpoint=client,dir=/tls' -drive".formatted(node),
            "file.tls-creds=%s-tls,".formatted(node),
            "endpoint=client,dir=/tls' -blockdev",
            ",tls-creds=%s-tls,".formatted(node),
            "name='Alice' tls='yes'>",
            "-name 'Alice' -enable-tls -cacertfile /tls/ca-cert.pem\n",
            "nbdcopy 'nbds://127.0.0.1/Alice?tls-certificates=/tls' FILE",
            ("nbdfuse DIRECTORY [ qemu-nbd --object 'tls-creds-x509,id=%s-tls,endpoint=client,dir=/tls'"
                    + " --image-opts 'driver=nbd,server.type=inet,server.host=127.0.0.1,")
                .formatted(node));
    world.nbd = new NbdService(true, true, 10809, "127.0.0.1", "/s/nbd.sock");
    assertThat(collie("vdi attach Alice").out())
        .contains(
            "dir=/etc/pki/qemu'",
            "-cacertfile /etc/pki/qemu/ca-cert.pem -certfile /etc/pki/qemu/client-cert.pem"
                + " -keyfile /etc/pki/qemu/client-key.pem\n");
  }

  @Test
  void aDaemonWhosePortWasTakenIsReachedByItsSocket() {
    world.nbd = new NbdService(false, false, 0, "", "/s/nbd.sock");
    Tool.Result result = collie("vdi attach Alice");
    assertThat(result.out()).contains("nbdcopy 'nbd+unix:///Alice?socket=/s/nbd.sock' FILE");
    assertThat(result.err()).contains("port was taken");
  }

  @Test
  void aDaemonWithoutNbdIsSaidToBeSo() {
    world.nbd = NbdService.OFF;
    Tool.Result off = collie("vdi attach Alice");
    assertThat(off.code()).isEqualTo(1);
    assertThat(off.out()).isEmpty();
    assertThat(off.err())
        .isEqualTo(
            "The sheep at 127.0.0.1:%d serves no NBD: it was started with --nbd off; start it with --nbd [ADDR:]PORT\n"
                .formatted(daemon.port()));
    world.nbd = new NbdService(false, false, 10809, "127.0.0.1", "");
    assertThat(collie("vdi attach --socket Alice").err()).contains("path is too long");
  }

  @Test
  void programsGetJson() {
    assertThat(collie("vdi attach -o json Alice").out())
        .contains(
            "\"size\" : 42949672960",
            "\"export\" : \"Alice\"",
            "\"host\" : \"127.0.0.1\"",
            "\"port\" : 10809",
            "\"tls\" : false",
            "\"uri\" : \"nbd://127.0.0.1/Alice\"",
            "\"node_name\" : \"" + nodeName("Alice") + "\"",
            "\"nbdcopy\" : \"nbdcopy nbd://127.0.0.1/Alice FILE\"");
    assertThat(collie("vdi attach --socket -o json Alice").out())
        .contains("\"socket\" : \"/var/lib/sheepdog/nbd.sock\"")
        .doesNotContain("\"port\"");
  }

  @Test
  void aVdiThatIsNotThereIsNotAttached() {
    assertThat(collie("vdi attach Bob").code()).isNotZero();
  }
}
