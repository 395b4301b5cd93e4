package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.fault.Redundancy;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** The driver reports a dead process at once. */
  private static final Duration STALL = Duration.ofSeconds(1);

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
    writer.longest();

    Redundancy redundancy = Redundancy.lostNow(CLUSTER.log(0));
    CLUSTER.kill(VICTIM);
    writer.awaitMore();
    // nobody asks for tables meanwhile: each time that is a JVM on the cores that recover
    Duration whole = redundancy.await();
    Duration stall = writer.longest();
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
    FaultTable.add("local, 4 nodes", "a sheep is killed (SIGKILL)", stall, writer.writes(), whole);
    assertThat(stall).as("longest write").isLessThan(STALL);
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

  /** Of 32,768 blocks of 4 KiB every hundredth is written. */
  @Test
  void aNodeThatReturnsFetchesOnlyWhatHasChanged() throws Exception {
    Set<String> names = createIdle("Away");
    awaitRecovered(ALL);
    CLUSTER.kill(VICTIM);
    awaitRecovered(OTHERS);
    StringBuilder writes = new StringBuilder();
    for (int block = 0; block < OBJECTS * 1024; block += 100) {
      writes.append(" -c 'write -q -P 7 %dk 4k'".formatted(4 * block));
    }
    shell.run(LIMIT, "qemu-io -t writeback" + writes + " sheepdog:Away").orFail();
    shell.run(LIMIT, "qemu-io -f raw" + writes + " " + image("Away")).orFail();

    CLUSTER.start(VICTIM);
    awaitRecovered(ALL);

    stores.assertPlaced(names, ALL);
    assertIdleIsWhole("Away");
    List<String> done =
        CLUSTER.logOf(VICTIM).lines().filter(l -> l.contains("RECOVERY_DONE_HERE")).toList();
    Matcher bytes = Pattern.compile(" bytes=([0-9]+)").matcher(done.get(done.size() - 1));
    assertThat(bytes.find()).isTrue();
    long held = names.stream().filter(n -> Files.exists(stores.file(VICTIM, n))).count() << 22;
    System.out.printf("fetched %s of %d bytes%n", bytes.group(1), held);
    assertThat(Long.parseLong(bytes.group(1))).isBetween(held / 100, held / 20);
  }

  @Test
  void replicasThatDifferWhenAllNodesHaveEndedAreTheSameAfterwards() throws Exception {
    Set<String> names = createIdle("Ended");
    awaitRecovered(ALL);
    List<String> data = names.stream().filter(name -> name.startsWith("00")).toList();
    List<List<Integer>> homes = data.stream().map(stores::homes).toList();
    CLUSTER.killAll();
    // as if a write had reached the first home only, another one all but that
    overwrite(stores.file(homes.get(0).get(0), data.get(0)), 4096);
    overwrite(stores.file(homes.get(1).get(1), data.get(1)), 70_000);
    overwrite(stores.file(homes.get(1).get(2), data.get(1)), 70_000);
    ALL.forEach(CLUSTER::start);

    await("replicas are the same")
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> stores.assertPlaced(names, ALL));
    assertThat(read(stores.file(homes.get(0).get(2), data.get(0)), 4096)).containsOnly(OTHER);
  }

  private static final int LENGTH = 1000;
  private static final byte OTHER = 0x55;

  private static void overwrite(Path file, long offset) throws IOException {
    byte[] bytes = new byte[LENGTH];
    Arrays.fill(bytes, OTHER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private static byte[] read(Path file, long offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(bytes, offset);
    }
    return bytes.array();
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
