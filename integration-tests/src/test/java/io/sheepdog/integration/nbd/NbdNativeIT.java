package io.sheepdog.integration.nbd;

import static io.sheepdog.integration.nbd.NbdUser.url;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same VDI by NBD and by the sheepdog driver of QEMU 5.2. */
@Tag(Qemu52.TAG)
@Timeout(300)
final class NbdNativeIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final NbdUser user = new NbdUser(CLUSTER.shell());
  private final Shell qemu52 = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  void whatOneWritesTheOtherReads() {
    user.run("collie vdi create Both 64M");
    Path raw = CLUSTER.directory().resolve("both.raw");
    user.run("head -c 20000000 /dev/urandom >" + raw + " && truncate -s 64M " + raw);
    user.run("nbdcopy " + raw + " " + url("Both"));
    user.awaitNotRunning("Both");
    qemu52.run("qemu-img compare -f raw -F sheepdog " + raw + " sheepdog:Both").orFail();
    qemu52.run("qemu-io -c 'write -P 5 3M 9000000' -c 'discard 16M 8M' sheepdog:Both").orFail();
    qemu52.run("qemu-img snapshot -c noon sheepdog:Both").orFail();
    user.awaitNotRunning("Both");
    user.run("qemu-io -f raw -c 'read -P 5 3M 9000000' " + url("Both"));
    user.run("qemu-io -f raw -c 'write -P 6 3M 100' -c 'write -P 6 40M 100' " + url("Both"));
    user.awaitNotRunning("Both");
    qemu52.run("qemu-img convert -f sheepdog -O raw sheepdog:Both " + raw).orFail();
    assertThat(user.run("qemu-img compare -f raw -F raw " + raw + " " + url("Both")).stdout())
        .contains("Images are identical.");
    assertThat(user.run("qemu-io -r -f raw -c 'read -P 5 3M 9000000' " + url("Both@noon")).stdout())
        .doesNotContain("failed");
  }

  @Test
  void theLockIsExclusiveAcrossBoth() {
    user.run("collie vdi create One 16M");
    user.python(
            """
            import subprocess
            h.connect_uri("nbd://127.0.0.1/One")
            h.pwrite(b"1" * 512, 0)
            native = subprocess.run(["%s/qemu-io", "-c", "write 0 512", "sheepdog:One"],
                capture_output=True, text=True)
            assert "VDI is already locked" in native.stderr, native
            h.pwrite(b"2" * 512, 0)
            h.shutdown()
            """
                .formatted(Qemu52.bin()))
        .orFail();
    user.awaitNotRunning("One");
    qemu52.run("qemu-io -c 'read -P 50 0 512' -c 'write -P 3 0 512' sheepdog:One").orFail();
    assertThat(
            qemu52
                .run(
                    "qemu-io -c 'write 0 512' -c 'sleep 4000' sheepdog:One & sleep 2;"
                        + " qemu-img info "
                        + url("One")
                        + "; kill $!")
                .stderr())
        .contains("VDI 'One' is locked");
  }

  @Test
  void aSnapshotOfTheRunningVdiGoesUnnoticed() {
    user.run("collie vdi create Running 32M");
    user.python(
            """
            import subprocess
            h.connect_uri("nbd://127.0.0.1/Running")
            for i in range(12):
              h.pwrite(bytes([i + 1]) * 5000000, i * 1000000)
              if i % 4 == 3:
                subprocess.run(["collie", "vdi", "snapshot", "-s", "s%d" % i, "Running"], check=True)
            for i in range(11):
              assert h.pread(1000000, i * 1000000) == bytes([i + 1]) * 1000000
            h.shutdown()
            g.connect_uri("nbd://127.0.0.1/Running@s7")
            assert g.pread(5000000, 7000000) == bytes([8]) * 5000000
            assert g.pread(1000000, 12000000) == bytes(1000000)
            """)
        .orFail();
    user.awaitNotRunning("Running");
  }
}
