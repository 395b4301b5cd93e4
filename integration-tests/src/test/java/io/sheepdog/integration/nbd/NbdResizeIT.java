package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A VDI that grows while clients have it open: they see it when they connect again. */
@Timeout(240)
final class NbdResizeIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  @Test
  void theNewSizeIsSeenOnReconnect() {
    user.run("collie vdi create Grow 16M");
    user.python(
            """
            import errno, os, socket, subprocess
            h.connect_uri("nbd://127.0.0.1/Grow")
            h.pwrite(b"1" * 512, 0)
            subprocess.run(["collie", "vdi", "resize", "Grow", "48M"], check=True)
            assert h.get_size() == 16 << 20
            try:
              h.set_strict_mode(0)
              h.pwrite(b"2" * 512, 20 << 20)
              raise AssertionError("beyond the size that was agreed on")
            except nbd.Error as e:
              assert e.errnum == errno.ENOSPC, str(e)
            # without a good-bye: within the grace the same client comes back
            os.close(h.aio_get_fd())
            g.connect_uri("nbd://127.0.0.1/Grow")
            assert g.get_size() == 48 << 20
            g.pwrite(b"3" * 512, (48 << 20) - 512)
            assert g.pread(512, 0) == b"1" * 512
            g.shutdown()
            again = nbd.NBD()
            again.connect_uri("nbd://127.0.0.1/Grow")
            assert again.get_size() == 48 << 20
            assert again.pread(512, (48 << 20) - 512) == b"3" * 512
            again.shutdown()
            """)
        .orFail();
  }

  @Test
  void aVdiThatWasMadeSmallerIsSmallerToItsNextClientAtOnce() {
    user.run("collie vdi create Shrink 10M && head -c 10M /dev/zero | collie vdi write Shrink");
    user.run("collie vdi resize --shrink -f Shrink 5M");
    assertThat(user.run("nbdinfo --size " + NbdUser.url("Shrink")).stdout()).isEqualTo("5242880\n");
    user.run("collie vdi resize Shrink 7M");
    assertThat(user.run("nbdinfo --size " + NbdUser.url("Shrink")).stdout()).isEqualTo("7340032\n");
  }

  /** The path that docs/attach.md describes for a guest that goes on. */
  @Test
  void blockResizeOfQemuWorksOnceItHasConnectedAgain() {
    user.run("collie vdi create Live 16M");
    user.python(
            """
            import json, subprocess
            qemu = subprocess.Popen(
                ["qemu-system-x86_64", "-S", "-display", "none", "-nic", "none", "-qmp", "stdio", "-blockdev",
                 "driver=nbd,node-name=disk0,server.type=inet,server.host=127.0.0.1,server.port=10809,"
                 "export=Live,reconnect-delay=60", "-device", "ide-hd,drive=disk0,id=vd0"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            def qmp(command, **arguments):
              qemu.stdin.write(json.dumps({"execute": command, "arguments": arguments}) + "\\n")
              qemu.stdin.flush()
              for line in qemu.stdout:
                if line.startswith('{"return"') or line.startswith('{"error"'):
                  return json.loads(line)
              raise AssertionError("QEMU ended")
            def size():
              return [node["image"]["virtual-size"] for node in qmp("query-named-block-nodes")["return"]]
            def io(request):
              said = qmp("human-monitor-command", **{"command-line": 'qemu-io -d vd0 "%%s"' %% request})
              assert said["return"] == "", said
            def resize(bytes):
              return qmp("block_resize", **{"node-name": "disk0", "size": bytes})
            qmp("qmp_capabilities")
            io("write -P 1 0 1M")
            subprocess.run(["collie", "vdi", "resize", "Live", "64M"], check=True)
            assert "Cannot grow NBD nodes" in resize(64 << 20)["error"]["desc"]
            assert size() == [16 << 20], size()
            subprocess.run("%s", shell=True, check=True)
            io("read -P 1 0 1M")
            assert "return" in resize(64 << 20)
            assert size() == [64 << 20], size()
            io("write -P 2 63M 1M")
            qmp("quit")
            assert qemu.wait(60) == 0
            """
                .formatted(restart()))
        .orFail();
    user.run("qemu-io -f raw -c 'read -P 1 0 1M' -c 'read -P 2 63M 1M' " + NbdUser.url("Live"));
  }

  private static String restart() {
    String directory = CLUSTER.directory().toString();
    return "p=$(cat %1$s/n0.pid); kill $p; while [ -d /proc/$p ]; do sleep 0.05; done; "
        .concat("SHEEPDOG_LOCAL_DIR=%1$s/events sheep -c local -p 7000 -P %1$s/n0.pid %1$s/n0")
        .formatted(directory);
  }
}
