package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
            -drive 'format=raw,if=virtio,file=nbd://127.0.0.1/Alice'
            # QEMU blockdev
            -blockdev 'driver=nbd,node-name=sheepdog0,server.type=inet,server.host=127.0.0.1,server.port=10809,export=Alice,reconnect-delay=60,discard=unmap' -device virtio-blk-pci,drive=sheepdog0
            # libvirt
            <disk type='network' device='disk'><driver name='qemu' type='raw' discard='unmap'/><source protocol='nbd' name='Alice'><host name='127.0.0.1' port='10809'/></source><target dev='vda' bus='virtio'/></disk>
            # nbd-client
            nbd-client 127.0.0.1 10809 /dev/nbd0 -name 'Alice'
            # nbdcopy
            nbdcopy nbd://127.0.0.1/Alice FILE
            # nbdfuse
            nbdfuse DIRECTORY nbd://127.0.0.1/Alice
            """);
  }

  @Test
  void aSnapshotIsReadOnly() {
    collie("vdi snapshot -s noon Alice");
    assertThat(collie("vdi attach -s noon --nbd-port 10810 Alice").out())
        .contains(
            "file=nbd://127.0.0.1:10810/Alice@noon,readonly=on'",
            "export=Alice@noon,reconnect-delay=60,read-only=on'",
            "<readonly/></disk>",
            "nbd-client 127.0.0.1 10810 /dev/nbd0 -name 'Alice@noon'");
  }

  @Test
  void namesAreQuotedForEachProgram() {
    collie("vdi create a&b,c 1G");
    assertThat(collie("vdi attach a&b,c").out())
        .contains(
            "nbdcopy nbd://127.0.0.1/a%26b%2Cc FILE",
            "export=a&b,,c,reconnect", "name='a&amp;b,c'");
  }

  @Test
  void programsGetJson() {
    assertThat(collie("vdi attach -o json Alice").out())
        .contains("\"size\" : 42949672960", "\"nbdcopy\" : \"nbdcopy nbd://127.0.0.1/Alice FILE\"");
  }

  @Test
  void aVdiThatIsNotThereIsNotAttached() {
    assertThat(collie("vdi attach Bob").code()).isNotZero();
  }
}
