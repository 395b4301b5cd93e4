package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One of four nodes dies for a while: without any access by a client, every object gets all its
 * copies again, where they belong.
 */
@Tag(Qemu52.TAG)
@Timeout(300)
final class RecoveryIT {
  private static final int COPIES = 3;
  private static final int VICTIM = 3;
  private static final int OBJECTS = 32;
  private static final List<Integer> ALL = List.of(0, 1, 2, 3);
  private static final List<Integer> OTHERS = List.of(0, 1, 2);
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(4, COPIES);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());
  private final Stores stores = new Stores(CLUSTER, COPIES);

  @Test
  void everyObjectHasAllItsCopiesAgainAfterADeathAndAfterTheReturn() throws Exception {
    Set<String> idle = createIdle("Idle");
    stores.assertPlaced(idle, ALL);
    shell.run("qemu-img create -f sheepdog sheepdog:Live " + LiveWriter.SIZE).orFail();
    LiveWriter writer = LiveWriter.start(shell, "sheepdog:Live", CLUSTER.directory(), "Live");
    writer.awaitMore();

    CLUSTER.kill(VICTIM);
    awaitRecovered(OTHERS);
    stores.assertPlaced(idle, OTHERS);
    awaitPurged(OTHERS);
    writer.awaitMore();

    CLUSTER.start(VICTIM);
    awaitRecovered(ALL);
    stores.assertPlaced(idle, ALL);
    awaitPurged(ALL);
    writer.awaitMore();

    writer.finishAndVerify(CLUSTER.ports().stream().map(port -> url(port, "Live")).toList());
    stores.assertPlaced(stores.objects(ALL), ALL);
    assertIdleIsWhole("Idle");
  }

  @Test
  void recoveryThatIsSwitchedOffBringsNothingUntilItIsSwitchedOn() throws Exception {
    Set<String> idle = createIdle("Off");
    awaitRecovered(ALL);

    assertThat(run("dog cluster recover disable")).isEqualTo("Cluster recovery: disable\n");
    CLUSTER.kill(VICTIM);
    awaitMembers(OTHERS);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(nodesInRecovery()).hasSize(OTHERS.size()));
    assertThat(run("dog cluster info"))
        .startsWith("Cluster status: running, auto-recovery disabled");
    assertIdleIsWhole("Off");

    assertThat(run("dog cluster recover enable")).isEqualTo("Cluster recovery: enable\n");
    awaitRecovered(OTHERS);
    stores.assertPlaced(idle, OTHERS);
    CLUSTER.start(VICTIM);
    awaitRecovered(ALL);
    stores.assertPlaced(idle, ALL);
    awaitPurged(ALL);
  }

  /** An image of 32 whole objects; returns the names of these and of its inode. */
  private Set<String> createIdle(String vdi) {
    Set<String> before = stores.objects(ALL);
    shell.run("head -c 128M /dev/urandom > " + image(vdi)).orFail();
    shell
        .run(LIMIT, "qemu-img convert -f raw -O sheepdog %s sheepdog:%s".formatted(image(vdi), vdi))
        .orFail();
    Set<String> names = stores.objects(ALL);
    names.removeAll(before);
    assertThat(names).hasSize(OBJECTS + 1);
    return names;
  }

  private static String image(String vdi) {
    return CLUSTER.directory().resolve(vdi + ".raw").toString();
  }

  private void assertIdleIsWhole(String vdi) {
    shell
        .run(LIMIT, "qemu-img compare -f raw -F sheepdog %s sheepdog:%s".formatted(image(vdi), vdi))
        .orFail();
  }

  private static String url(int port, String vdi) {
    return "sheepdog://127.0.0.1:" + port + "/" + vdi;
  }

  private String run(String command) {
    return shell.run(command).orFail().stdout();
  }

  /** Until every one of these nodes knows that they are the members, and none has work left. */
  private void awaitRecovered(List<Integer> nodes) {
    awaitMembers(nodes);
    await("recovery").atMost(LIMIT).until(() -> nodesInRecovery().isEmpty());
  }

  private void awaitMembers(List<Integer> nodes) {
    for (int node : nodes) {
      int port = CLUSTER.ports().get(node);
      await("members at " + port)
          .atMost(LIMIT)
          .until(() -> run("dog node list -r -p " + port).lines().count() == nodes.size());
    }
  }

  private List<String> nodesInRecovery() {
    return run("dog node recovery -r").lines().toList();
  }

  private void awaitPurged(List<Integer> nodes) {
    for (int node : nodes) {
      await("nothing set aside at node " + node)
          .atMost(LIMIT)
          .until(() -> stores.setAside(node).isEmpty());
    }
  }
}
