package io.sheepdog.integration.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Shell;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Whole machines on VDIs: they boot, hold their VDI alone, and let go of it however they end. */
@Tag(Qemu52.TAG)
@Timeout(480)
final class GuestIT {
  /**
   * A connection that has said nothing yet may be that of any machine of its address (R12): where
   * it matters whose lock ends, there must be no other machine.
   */
  private static final String ADDRESS = "127.0.0.1";

  private static final Duration COPY_LIMIT = Duration.ofSeconds(120);

  /** A lock ends five seconds after the last connection of its owner closed; the rest is slack. */
  private static final Duration LOCK_GRACE = Duration.ofSeconds(20);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @ResourceLock(value = ADDRESS, mode = ResourceAccessMode.READ)
  void aMachineBootsFromBobAndHoldsItEvenWhileItTouchesNoDisk() {
    shell
        .run(COPY_LIMIT, "qemu-img convert -f raw -O sheepdog " + GuestImage.disk() + " Bob")
        .orFail();
    assertThat(statusOf("Bob")).isEqualTo("not running");

    try (Guest guest = Guest.start(shell, "--drive format=sheepdog,file=Bob -vnc 127.0.0.1:0")) {
      guest.awaitReady("disk");
      assertThat(statusOf("Bob")).isEqualTo("running on 127.0.0.1");
      assertThat(shell.run("exec bash -c 'head -c 4 </dev/tcp/127.0.0.1/5900'").orFail().stdout())
          .isEqualTo("RFB ");
      guest.ask("write Z 120 8", "WROTE");
      guest.ask("verify Z 120 8", "VERIFIED");

      long accesses = guest.diskAccesses();
      await("a minute without disk access")
          .pollInterval(Duration.ofSeconds(5))
          .during(Duration.ofSeconds(62))
          .atMost(Duration.ofSeconds(75))
          .until(() -> "running on 127.0.0.1".equals(statusOf("Bob")));
      assertThat(guest.diskAccesses()).isEqualTo(accesses);

      guest.ask("verify Z 120 8", "VERIFIED");
      guest.powerOff();
    }

    awaitNotRunning("Bob");
    assertThat(shell.run("qemu-io -r -c 'read -P 0x5a 120M 8M' sheepdog:Bob").orFail().stdout())
        .doesNotContain("failed");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @ResourceLock(value = ADDRESS, mode = ResourceAccessMode.READ_WRITE)
  void aVdiInUseIsRefusedToASecondMachineHereAndToOthersElsewhere() {
    shell.run("qemu-img create -f sheepdog Carol 64M").orFail();
    shell.run("qemu-io -c 'write -P 1 0 4M' sheepdog:Carol").orFail();
    shell.run("qemu-img snapshot -c before sheepdog:Carol").orFail();
    shell.run("qemu-io -c 'write -P 2 0 4M' sheepdog:Carol").orFail();

    try (Host neighbour = CLUSTER.host().neighbour("198.51.100.1/24", "198.51.100.2/24");
        Guest holder = Guest.start(shell, "--drive format=sheepdog,file=Carol")) {
      assertThat(statusOf("Carol")).isEqualTo("running on 127.0.0.1");

      assertThat(
              shell
                  .run("qemu-system-x86_64 -display none --drive format=sheepdog,file=Carol")
                  .mustFail()
                  .stderr())
          .contains("VDI is already locked");
      Shell elsewhere = shell.on(neighbour);
      elsewhere.run("qemu-img snapshot -a before sheepdog://198.51.100.1:7000/Carol").mustFail();
      assertThat(elsewhere.run("collie vdi delete Carol -a 198.51.100.1").mustFail().stderr())
          .contains("VDI is already locked");
      assertThat(holder.isRunning()).isTrue();
    }

    awaitNotRunning("Carol");
    verifyThatItStartsWith("Carol", 2);
    shell.run("qemu-img snapshot -a before sheepdog:Carol").orFail();
    verifyThatItStartsWith("Carol", 1);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @ResourceLock(value = ADDRESS, mode = ResourceAccessMode.READ)
  void aRunningMachineTakesSnapshotsOfItselfAndGoesBackToThem() {
    shell
        .run(COPY_LIMIT, "qemu-img convert -f raw -O sheepdog " + GuestImage.disk() + " Emma")
        .orFail();
    try (Guest guest = Guest.start(shell, "--drive format=sheepdog,file=Emma")) {
      guest.awaitReady("disk");
      guest.ask("write A 120 6", "WROTE");

      guest.monitor("savevm calm");
      assertThat(statusOf("Emma")).isEqualTo("running on 127.0.0.1");
      guest.ask("write B 120 6", "WROTE");
      guest.ask("verify B 120 6", "VERIFIED");
      guest.monitor("loadvm calm");

      guest.ask("verify A 120 6", "VERIFIED");
      assertThat(statusOf("Emma")).isEqualTo("running on 127.0.0.1");
      assertThat(shell.run("qemu-io -c 'read 0 512' sheepdog:Emma").mustFail().stderr())
          .contains("VDI is already locked");
      guest.ask("write C 120 2", "WROTE");
      guest.powerOff();
    }

    awaitNotRunning("Emma");
    assertThat(
            shell
                .run("qemu-io -r -c 'read -P 0x43 120M 2M' -c 'read -P 0x41 122M 4M' sheepdog:Emma")
                .orFail()
                .stdout())
        .doesNotContain("failed");
    assertThat(
            shell.run("qemu-io -r -c 'read -P 0x41 120M 6M' sheepdog:Emma:calm").orFail().stdout())
        .doesNotContain("failed");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @ResourceLock(value = ADDRESS, mode = ResourceAccessMode.READ_WRITE)
  void aMachineThatIsKilledLetsGoOfItsVdi() {
    shell.run("qemu-img create -f sheepdog Dave 64M").orFail();
    try (Guest guest = Guest.start(shell, "--drive format=sheepdog,file=Dave")) {
      assertThat(statusOf("Dave")).isEqualTo("running on 127.0.0.1");

      guest.kill();

      awaitNotRunning("Dave");
    }
    shell.run("qemu-io -c 'write -P 1 0 4M' sheepdog:Dave").orFail();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @ResourceLock(value = ADDRESS, mode = ResourceAccessMode.READ)
  void aMachineBootsFromACdBesideAnEmptyAlice() {
    shell.run("qemu-img create -f sheepdog Alice 40G").orFail();

    try (Guest guest =
        Guest.start(
            shell,
            "--drive format=sheepdog,file=Alice -cdrom %s -boot d".formatted(GuestImage.cd()))) {
      guest.awaitReady("cd");
      assertThat(statusOf("Alice")).isEqualTo("running on 127.0.0.1");
      guest.ask("size", "SIZE 83886080");
      guest.ask("write A 39999 9", "WROTE");
      guest.ask("verify A 39999 9", "VERIFIED");
      guest.powerOff();
    }

    awaitNotRunning("Alice");
    assertThat(shell.run("qemu-io -r -c 'read -P 0x41 39999M 9M' sheepdog:Alice").orFail().stdout())
        .doesNotContain("failed");
  }

  private void verifyThatItStartsWith(String vdi, int pattern) {
    assertThat(
            shell
                .run("qemu-io -r -c 'read -P %d 0 4M' sheepdog:%s".formatted(pattern, vdi))
                .orFail()
                .stdout())
        .doesNotContain("failed");
  }

  private void awaitNotRunning(String vdi) {
    await(vdi + " is not running")
        .atMost(LOCK_GRACE)
        .untilAsserted(() -> assertThat(statusOf(vdi)).isEqualTo("not running"));
  }

  private String statusOf(String vdi) {
    return shell.run("collie vm list").orFail().lines().stream()
        .filter(row -> row.startsWith(vdi + " "))
        .map(row -> row.substring(row.lastIndexOf('|') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError("collie vm list does not show " + vdi));
  }
}
