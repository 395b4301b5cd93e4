package io.sheepdog.integration.nbd;

import static io.sheepdog.integration.nbd.NbdUser.url;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.qemu.Guest;
import io.sheepdog.integration.qemu.GuestImage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Linux's own NBD client, as Debian's kernel and nbd-client have it, in an emulated machine. */
@Timeout(480)
final class NbdLinuxIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  @Test
  void aDeviceOfTheKernelIsTheVdi() {
    Path disk = CLUSTER.directory().resolve("linux.raw");
    user.run("truncate -s 64M " + disk + " && mke2fs -q -t ext4 -F " + disk);
    user.run("collie vdi create Linux 64M");
    user.run("qemu-img convert -n -f raw -O raw " + disk + " " + url("Linux"));
    user.awaitNotRunning("Linux");
    try (Guest guest = boot(wordsOfVdiAttach())) {
      guest.awaitReady("nbd");
      assertThat(user.statusOf("Linux")).isEqualTo("running on 127.0.0.1");
      guest.ask("size", "SIZE 131072");
      guest.ask("files", "FILES");
      CompletableFuture<Void> remote = CompletableFuture.runAsync(() -> CLUSTER.kill(2));
      guest.ask("write A 40 16", "WROTE");
      remote.join();
      guest.ask("verify A 40 16", "VERIFIED");
      guest.ask("discard 40 8", "DISCARDED");
      guest.powerOff();
    }
    user.awaitNotRunning("Linux");
    assertThat(
            user.run(
                    "qemu-io -r -f raw -c 'read -P 0 40M 8M' -c 'read -P 0x41 48M 8M' "
                        + url("Linux"))
                .stdout())
        .doesNotContain("failed");
    String vid = user.vidOf("Linux");
    assertThat(user.run("ls " + CLUSTER.store(0) + "/obj").lines())
        .contains("00" + vid + "0000000c")
        .doesNotContain("00" + vid + "0000000a", "00" + vid + "0000000b");
  }

  /** What follows {@code nbd-client}, with commas between, as the machine takes it. */
  private String wordsOfVdiAttach() {
    String line =
        user.run("collie vdi attach Linux").lines().stream()
            .filter(text -> text.startsWith("nbd-client "))
            .findFirst()
            .orElseThrow();
    return line.substring(line.indexOf(' ') + 1)
        .replace("127.0.0.1", "10.0.2.2")
        .replace("'", "")
        .replace(' ', ',');
  }

  /** In a network in which this host is 10.0.2.2. */
  private static Guest boot(String nbdClient) {
    Path files = GuestImage.nbdClient();
    return Guest.start(
        CLUSTER.shell(),
        List.of(
            "-netdev",
            "user,id=net0",
            "-device",
            "virtio-net-pci,netdev=net0",
            "-kernel",
            files.resolve("vmlinuz").toString(),
            "-initrd",
            files.resolve("initrd.gz").toString(),
            "-append",
            "console=ttyS0 loglevel=3 tsc=unstable no_timer_check sheepdog.nbd=" + nbdClient));
  }
}
