package io.sheepdog.integration.tgt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.GuestImage;
import io.sheepdog.integration.qemu.Qemu52;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Today's QEMU reaches VDIs over iSCSI, through Debian's tgtd and the sheepdog client in it. */
@Timeout(180)
final class IscsiIT {

  private static final Duration COPY_LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell();
  private final IscsiTarget target = IscsiTarget.start(shell);

  @AfterEach
  void stopTgtd() {
    target.close();
  }

  @Test
  void anImageGoesInOverIscsiAndComesOutTheSame() {
    Path disk = GuestImage.disk();
    shell.run("collie vdi create Alice " + sizeOf(disk)).orFail();
    String alice = target.offer("127.0.0.1:7000", "Alice");

    shell.run(COPY_LIMIT, "qemu-img convert -n -f raw -O raw " + disk + " " + alice).orFail();

    assertThat(
            shell
                .run(COPY_LIMIT, "qemu-img compare -f raw -F raw " + disk + " " + alice)
                .orFail()
                .stdout())
        .contains("Images are identical.");
    target.withdrawAll();
    Path copy = CLUSTER.directory().resolve("alice.raw");
    shell.run(COPY_LIMIT, "collie vdi read Alice -p 7002 >" + copy).orFail();
    shell.run(COPY_LIMIT, "cmp " + disk + " " + copy).orFail();
  }

  @Test
  void twoVdisStayApart() {
    shell.run("collie vdi create Left 64M").orFail();
    shell.run("collie vdi create Right 64M").orFail();
    String left = target.offer("127.0.0.1:7000", "Left");
    String right = target.offer("127.0.0.1:7001", "Right");

    io(left, "-c 'write -P 1 0 8M' -c 'write -P 3 4190208 12345' -c flush");
    io(right, "-c 'write -P 2 0 8M' -c flush");

    io(left, "-c 'read -P 1 0 4190208' -c 'read -P 3 4190208 12345' -c 'read -P 0 8M 8M'");
    io(right, "-c 'read -P 2 0 8M' -c 'read -P 0 8M 8M'");
  }

  @Test
  @Tag(Qemu52.TAG)
  void qemusOwnSheepdogDriverReadsWhatCameOverIscsi() {
    shell.run("collie vdi create Both 64M").orFail();
    io(target.offer("127.0.0.1:7000", "Both"), "-c 'write -P 9 1M 9M' -c flush");
    target.withdrawAll();

    Shell native52 = shell.preferring(Qemu52.bin());
    assertThat(
            native52
                .run(
                    "qemu-io -c 'read -P 9 1M 9M' -c 'read -P 0 10M 6M' -c 'write -P 8 20M 4M' sheepdog:Both")
                .orFail()
                .stdout())
        .doesNotContain("failed");

    io(target.offer("127.0.0.1:7001", "Both"), "-c 'read -P 9 1M 9M' -c 'read -P 8 20M 4M'");
  }

  @Test
  void aTargetHoldsItsVdiAndLetsGoOfItWhenItIsKilled() {
    shell.run("collie vdi create Held 64M").orFail();
    io(target.offer("127.0.0.1:7000", "Held"), "-c 'write -P 5 0 8M'");
    assertThat(statusOf("Held")).isEqualTo("running on 127.0.0.1");

    target.close();

    await("the lock ends")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(statusOf("Held")).isEqualTo("not running"));
  }

  private String statusOf(String vdi) {
    return shell.run("collie vm list").orFail().lines().stream()
        .filter(row -> row.startsWith(vdi + " "))
        .map(row -> row.substring(row.lastIndexOf('|') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError("collie vm list does not show " + vdi));
  }

  private void io(String url, String requests) {
    assertThat(shell.run("qemu-io -f raw " + requests + " " + url).orFail().stdout())
        .doesNotContain("failed");
  }

  private static long sizeOf(Path file) {
    return file.toFile().length();
  }
}
