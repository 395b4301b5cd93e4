package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.integration.qemu.Qemu52;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Bytes of object files change while nobody looks: clients read what they have written, and the
 * files become what they were, whether somebody reads them or not.
 */
@Tag(Qemu52.TAG)
@Timeout(300)
final class DamagedBytesIT {
  private static final int COPIES = 3;
  private static final List<Integer> ALL = List.of(0, 1, 2, 3);
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(4, COPIES);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());
  private final Stores stores = new Stores(CLUSTER, COPIES);

  /** Of the objects of an image, as of when it was there. */
  private final Map<String, List<Integer>> homes = new HashMap<>();

  /** No scrub: it is reading that finds them. */
  @Test
  void clientsReadWhatTheyHaveWrittenAndTheFilesAreMended() throws Exception {
    Set<String> names = createIdle("Read");
    List<String> data = names.stream().filter(name -> name.startsWith("00")).toList();
    String inode = names.stream().filter(name -> !name.startsWith("00")).findFirst().orElseThrow();
    awaitClean(names);
    names.forEach(name -> homes.put(name, stores.homes(name)));
    CLUSTER.killAll();
    flip(data.get(0), 0, 123_456);
    flip(data.get(1), 0, 0);
    flip(data.get(1), 1, 5);
    flip(data.get(2), 2, (4 << 20) - 1);
    flip(inode, 1, 300);
    ALL.forEach(node -> CLUSTER.start(node, "--scrub-rate=0"));

    ALL.forEach(node -> assertReadable("Read", node));

    awaitSame(names);
    assertLogged(data.get(0));
    assertLogged(data.get(1));
    assertLogged(data.get(2));
    assertLogged(inode);
  }

  @Test
  void whatNobodyReadsIsFoundByScrubbing() throws Exception {
    Set<String> names = createIdle("Scrubbed");
    List<String> data = names.stream().filter(name -> name.startsWith("00")).toList();
    awaitClean(names);
    names.forEach(name -> homes.put(name, stores.homes(name)));
    CLUSTER.killAll();
    flip(data.get(0), 1, 70_000);
    flip(data.get(2), 0, 1 << 20);
    flip(data.get(2), 2, 3 << 20);
    ALL.forEach(node -> CLUSTER.start(node, "--scrub-rate=1000"));

    awaitSame(names);
    assertLogged(data.get(0));
    assertLogged(data.get(2));
  }

  /** What has been found right once may change: who brings a copy looks again. */
  @Test
  void whatChangesBelowARunningNodeIsNotSpreadByRecovery() throws Exception {
    Set<String> names = createIdle("Spread");
    List<String> data = names.stream().filter(name -> name.startsWith("00")).toList();
    awaitClean(names);
    names.forEach(name -> homes.put(name, stores.homes(name)));
    ALL.forEach(node -> assertReadable("Spread", node));
    int victim = homes.getOrDefault(data.get(0), List.of()).get(1);
    for (String name : data) {
      // at the home from which a new one would take its copy, as often as not
      flip(name, homes.getOrDefault(name, List.of()).get(0) == victim ? 1 : 0, 123_456);
    }
    CLUSTER.kill(victim);
    List<Integer> living = ALL.stream().filter(node -> node != victim).toList();
    await("all copies again")
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> stores.assertPlaced(names, living));
    living.forEach(node -> assertReadable("Spread", node));

    CLUSTER.start(victim);
    awaitSame(names);
    ALL.forEach(node -> assertReadable("Spread", node));
  }

  private void assertReadable(String vdi, int node) {
    String url = "sheepdog://127.0.0.1:" + CLUSTER.ports().get(node) + "/" + vdi;
    await("reading " + url)
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                shell
                    .run(LIMIT, "qemu-img compare -f raw -F raw %s %s".formatted(image(vdi), url))
                    .orFail());
  }

  /** An image of four whole objects; returns the names of these and of its inode. */
  private Set<String> createIdle(String vdi) {
    Set<String> before = stores.objects(ALL);
    shell.run("head -c 16M /dev/urandom > " + image(vdi)).orFail();
    shell
        .run(LIMIT, "qemu-img convert -f raw -O sheepdog %s sheepdog:%s".formatted(image(vdi), vdi))
        .orFail();
    Set<String> names = stores.objects(ALL);
    names.removeAll(before);
    assertThat(names).hasSize(5);
    return names;
  }

  private static String image(String vdi) {
    return CLUSTER.directory().resolve(vdi + ".raw").toString();
  }

  /** Until all copies have checksums, half a minute after they were written. */
  private void awaitClean(Set<String> names) {
    await("clean copies")
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              for (String name : names) {
                for (int home : stores.homes(name)) {
                  assertThat(attribute(stores.file(home, name))).contains(" sums=");
                }
              }
            });
  }

  private static String attribute(Path file) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    ByteBuffer text = ByteBuffer.allocate(1024);
    view.read("sheepdog.object", text);
    return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
  }

  /** Changes a byte of the copy at one of the homes. */
  private void flip(String name, int home, long offset) throws IOException {
    Path file = stores.file(homes.getOrDefault(name, List.of()).get(home), name);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) ~one.get(0));
      channel.write(one.flip(), offset);
    }
  }

  private void awaitSame(Set<String> names) {
    await("replicas are the same")
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> stores.assertPlaced(names, ALL));
  }

  private static void assertLogged(String name) {
    List<String> logs = ALL.stream().map(CLUSTER::logOf).toList();
    assertThat(logs).anyMatch(log -> has(log, "OBJECT_DAMAGED", name));
    assertThat(logs).anyMatch(log -> has(log, "OBJECT_REPAIRED", name));
  }

  private static boolean has(String log, String event, String name) {
    return log.lines().anyMatch(line -> line.contains(event) && line.contains("object=" + name));
  }
}
