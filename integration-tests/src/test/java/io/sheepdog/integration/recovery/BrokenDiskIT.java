package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.fault.Redundancy;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The disk of one of four nodes answers with EIO, under clients that write through it and through
 * another node: the disk is taken out of service, the node is not, and no client notices.
 */
@Tag(Qemu52.TAG)
@Timeout(300)
final class BrokenDiskIT {
  private static final int VICTIM = 3;
  private static final int NODES = 4;
  private static final int COPIES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(NODES, COPIES);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @ParameterizedTest
  @ValueSource(strings = {"fdatasync,fsync", "pwrite64", "pread64"})
  void aDiskThatAnswersWithErrorsIsGivenUpAndItsNodeIsNot(String calls) throws Exception {
    String name = calls.substring(0, 5);
    LiveWriter elsewhere = writer(name + "-elsewhere", 0);
    LiveWriter here = writer(name + "-here", VICTIM);
    awaitComplete();

    elsewhere.longest();
    here.longest();
    Redundancy redundancy = Redundancy.lostNow(CLUSTER.log(0));
    CLUSTER.breakDisk(VICTIM, calls);
    read(name + "-here", VICTIM);
    await("the others know").atMost(LIMIT).until(() -> vnodes(VICTIM) == 0);
    Duration whole = redundancy.await();
    here.awaitMore();
    elsewhere.awaitMore();
    List<Duration> stalls = List.of(here.longest(), elsewhere.longest());

    assertThat(shell.run("dog node list -r").orFail().stdout().lines()).hasSize(NODES);
    assertThat(shell.run("collie node md info -p " + port(VICTIM)).orFail().stdout())
        .contains("has failed");
    assertThat(CLUSTER.logOf(VICTIM)).contains("event=DISK_FAILED", "Input/output error");
    here.finishAndVerify(urls(name + "-here"));
    elsewhere.finishAndVerify(urls(name + "-elsewhere"));
    FaultTable.add(
        "local, 4 nodes",
        "a disk answers with EIO to " + calls,
        Collections.max(stalls),
        here.writes() + elsewhere.writes(),
        whole);
    awaitComplete();
    Stores stores = new Stores(CLUSTER, COPIES);
    Set<String> objects = stores.objects(List.of(0, 1, 2));
    assertThat(objects).isNotEmpty();
    stores.assertPlaced(objects, List.of(0, 1, 2));
  }

  /** A new disk, as the log advises. */
  @AfterEach
  void replaceTheDisk() {
    CLUSTER.mendDisk();
    shell.run("collie node kill -l -p " + port(VICTIM)).orFail();
    await("it has ended").atMost(LIMIT).until(() -> nodes() == NODES - 1);
    shell.run("rm -rf " + CLUSTER.store(VICTIM)).orFail();
    CLUSTER.start(VICTIM);
    await("it is back").atMost(LIMIT).until(() -> nodes() == NODES);
    awaitComplete();
  }

  private LiveWriter writer(String vdi, int node) {
    run("qemu-img create -f sheepdog sheepdog:" + vdi + " " + LiveWriter.SIZE);
    String url = "sheepdog://127.0.0.1:" + port(node) + "/" + vdi;
    LiveWriter writer = LiveWriter.start(shell, url, CLUSTER.directory(), vdi);
    writer.awaitMore();
    return writer;
  }

  /** Reads all objects of a VDI through a node, which would read its own copies. */
  private void read(String vdi, int node) {
    run("collie vdi read " + vdi + " -p " + port(node) + " > /dev/null");
  }

  private static List<String> urls(String vdi) {
    List<String> urls = new ArrayList<>();
    CLUSTER.ports().forEach(port -> urls.add("sheepdog://127.0.0.1:" + port + "/" + vdi));
    return urls;
  }

  private static int port(int node) {
    return CLUSTER.ports().get(node);
  }

  private void run(String line) {
    shell.run(LIMIT, line).orFail();
  }

  private long nodes() {
    return shell.run("dog node list -r").orFail().stdout().lines().count();
  }

  /** Number of virtual nodes, as the list says. */
  private int vnodes(int node) {
    return shell
        .run("dog node list -r")
        .orFail()
        .stdout()
        .lines()
        .filter(line -> line.contains(":" + port(node) + " "))
        .map(line -> Integer.parseInt(line.split(" ", -1)[2]))
        .findFirst()
        .orElseThrow();
  }

  private void awaitComplete() {
    await("recovery has ended")
        .atMost(LIMIT)
        .until(() -> shell.run("dog node recovery -r").orFail().stdout().isEmpty());
  }
}
