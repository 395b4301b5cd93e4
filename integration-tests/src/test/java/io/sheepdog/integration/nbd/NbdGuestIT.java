package io.sheepdog.integration.nbd;

import static io.sheepdog.integration.nbd.NbdUser.url;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.qemu.Guest;
import io.sheepdog.integration.qemu.GuestImage;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Machines of Debian's own QEMU on VDIs, and what they notice when daemons die: nothing. */
@Timeout(480)
final class NbdGuestIT {
  private static final String BLOCKDEV =
      "-blockdev driver=nbd,node-name=disk0,server.type=inet,server.host=127.0.0.1,"
          + "server.port=10809,export=%s,reconnect-delay=120 -device ide-hd,drive=disk0";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final NbdUser user = new NbdUser(CLUSTER.shell());

  private void makeDisk(String vdi) {
    user.run("collie vdi create " + vdi + " " + GuestImage.disk().toFile().length());
    user.run("qemu-img convert -n -f raw -O raw " + GuestImage.disk() + " " + url(vdi));
  }

  @Test
  void aMachineBootsFromBob() {
    makeDisk("Bob");
    try (Guest guest = Guest.start(CLUSTER.shell(), "-drive format=raw,file=nbd://127.0.0.1/Bob")) {
      guest.awaitReady("disk");
      assertThat(user.statusOf("Bob")).isEqualTo("running on 127.0.0.1");
      guest.ask("write Z 120 8", "WROTE");
      guest.ask("verify Z 120 8", "VERIFIED");
      user.run("collie vdi snapshot -s running Bob");
      guest.ask("write Y 124 8", "WROTE");
      guest.ask("verify Y 124 8", "VERIFIED");
      guest.powerOff();
    }
    assertThat(
            user.run(
                    "qemu-io -r -f raw -c 'read -P 0x5a 120M 4M' -c 'read -P 0x59 124M 8M' "
                        + url("Bob"))
                .stdout())
        .doesNotContain("failed");
    assertThat(
            user.run("qemu-io -r -f raw -c 'read -P 0x5a 120M 8M' " + url("Bob@running")).stdout())
        .doesNotContain("failed");
  }

  @Test
  void aMachineOutlivesItsOwnDaemonAndAReplica() {
    makeDisk("Eve");
    try (Guest guest = Guest.start(CLUSTER.shell(), BLOCKDEV.formatted("Eve"))) {
      guest.awaitReady("disk");
      CompletableFuture<Void> remote = CompletableFuture.runAsync(() -> CLUSTER.kill(2));
      guest.ask("write A 120 24", "WROTE");
      remote.join();
      guest.ask("verify A 120 24", "VERIFIED");
      CLUSTER.start(2);

      CompletableFuture<Void> local =
          CompletableFuture.runAsync(
              () -> {
                CLUSTER.kill(0);
                CLUSTER.start(0);
              });
      guest.ask("write B 120 24", "WROTE");
      local.join();
      guest.ask("verify B 120 24", "VERIFIED");
      assertThat(guest.isRunning()).isTrue();
      guest.powerOff();
    }
    assertThat(user.run("qemu-io -r -f raw -c 'read -P 0x42 120M 24M' " + url("Eve")).stdout())
        .doesNotContain("failed");
  }
}
