package io.sheepdog.integration.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes go in and come out again: whole images with {@code qemu-img}, patterns with {@code
 * qemu-io}.
 */
@Tag(Qemu52.TAG)
@Timeout(180)
final class QemuDataIT {

  private static final Duration COPY_LIMIT = Duration.ofSeconds(120);
  private static final int MIB = 1 << 20;

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  void aConvertedDiskImageReadsTheSameThroughEachNode() {
    Path disk = GuestImage.disk();

    shell.run(COPY_LIMIT, "qemu-img convert -f raw -O sheepdog " + disk + " Bob").orFail();

    for (int port : CLUSTER.ports()) {
      String bob = "sheepdog://127.0.0.1:" + port + "/Bob";
      assertThat(
              shell
                  .run(COPY_LIMIT, "qemu-img compare -f raw -F sheepdog " + disk + " " + bob)
                  .orFail()
                  .stdout())
          .contains("Images are identical.");
    }
  }

  @Test
  void aVdiConvertsBackToTheVeryFileItCameFrom() {
    Path disk = GuestImage.disk();
    Path copy = CLUSTER.directory().resolve("back.raw");
    shell.run(COPY_LIMIT, "qemu-img convert -f raw -O sheepdog " + disk + " Back").orFail();

    shell.run(COPY_LIMIT, "qemu-img convert -f sheepdog -O raw Back " + copy).orFail();

    shell.run(COPY_LIMIT, "cmp " + disk + " " + copy).orFail();
  }

  @Test
  void unalignedWritesLeaveTheirNeighboursAlone() {
    create("unaligned", 16);

    io("unaligned", "write -P 0xaa 0 64k", "write -P 0x11 511 1025", "write -P 0x22 4097 3");

    ioThroughEachNode(
        "unaligned",
        "read -P 0xaa 0 511",
        "read -P 0x11 511 1025",
        "read -P 0xaa 1536 2561",
        "read -P 0x22 4097 3",
        "read -P 0xaa 4100 61436",
        "read -P 0 64k 64k");
  }

  @Test
  void oneWriteSpansSeveralObjects() {
    create("across", 64);

    io("across", "write -P 0x33 4190208 12M", "write -P 0x44 8388607 2");

    ioThroughEachNode(
        "across",
        "read -P 0 0 4190208",
        "read -P 0x33 4190208 4198399",
        "read -P 0x44 8388607 2",
        "read -P 0x33 8388609 8384511",
        "read -P 0 16773120 4M");
  }

  @Test
  void theLastPartialObjectEndsWhereTheImageEnds() {
    shell.run("qemu-img create -f sheepdog tail 8389120").orFail();

    io("tail", "write -P 0x55 8388608 512", "write -P 0x66 8388096 512");

    ioThroughEachNode("tail", "read -P 0x66 8388096 512", "read -P 0x55 8388608 512");
    assertThat(shell.run(qemuIo("tail", "-c 'write -P 1 8389120 512'")).mustFail().toString())
        .containsIgnoringCase("input/output error");
  }

  @Test
  void discardedObjectsReadAsZerosAndNoLongerCountAsUsed() {
    create("discard", 32);
    io("discard", "write -P 0x77 0 16M");
    assertThat(usedBy("discard")).isEqualTo("16 MB");

    shell.run(qemuIo("discard", "-d unmap -c 'discard 4M 8M' -c flush")).orFail();

    ioThroughEachNode(
        "discard",
        "read -P 0x77 0 4M",
        "read -P 0 4M 8M",
        "read -P 0x77 12M 4M",
        "read -P 0 16M 4M");
    assertThat(usedBy("discard")).isEqualTo("8.0 MB");
    io("discard", "write -P 0x78 5M 1M");
    ioThroughEachNode("discard", "read -P 0 4M 1M", "read -P 0x78 5M 1M", "read -P 0 6M 6M");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "writeback", "writethrough", "directsync", "unsafe"})
  void everyCacheModeKeepsWhatWasFlushed(String cache) {
    String vdi = "cache-" + cache;
    create(vdi, 16);

    shell
        .run(
            qemuIo(
                vdi,
                "-t "
                    + cache
                    + " -c 'write -P 0x10 0 6M' -c flush -c 'write -P 0x20 1M 64k' -c flush"))
        .orFail();

    ioThroughEachNode(vdi, "read -P 0x10 0 1M", "read -P 0x20 1M 64k", "read -P 0x10 1114112 4M");
  }

  @Test
  void manyRequestsInFlightAtOnceAllArrive() {
    create("flight", 64);
    StringJoiner writes = new StringJoiner(" ");
    StringJoiner reads = new StringJoiner(" ");
    for (int i = 0; i < 64; i++) {
      writes.add("-c 'aio_write -q -P %d %dM 1M'".formatted(i + 1, i));
      reads.add("-c 'read -q -P %d %dM 1M'".formatted(i + 1, i));
    }

    shell.run(qemuIo("flight", writes + " -c aio_flush -c flush")).orFail();

    assertThat(shell.run(qemuIo("flight", reads.toString())).orFail().stdout())
        .doesNotContain("Pattern verification failed");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomWorkLeavesTheSameImageAsOnAPlainFile(long seed) {
    String vdi = "random-" + seed;
    Path file = CLUSTER.directory().resolve(vdi + ".raw");
    create(vdi, 24);
    shell.run("qemu-img create -f raw " + file + " 24M").orFail();
    String work = randomWork(new Random(seed));

    shell.run(COPY_LIMIT, "qemu-io -d unmap -f raw " + work + " " + file).orFail();
    shell.run(COPY_LIMIT, qemuIo(vdi, "-d unmap " + work)).orFail();

    for (int port : CLUSTER.ports()) {
      String image = "sheepdog://127.0.0.1:" + port + "/" + vdi;
      shell.run(COPY_LIMIT, "qemu-img compare -f raw -F sheepdog " + file + " " + image).orFail();
    }
  }

  /** Writes, writes of zeros and whole-object discards: what reads the same on any disk. */
  private static String randomWork(Random random) {
    StringJoiner work = new StringJoiner(" ");
    for (int i = 0; i < 120; i++) {
      long offset = random.nextInt(24 * MIB);
      long length = 1 + random.nextInt((int) Math.min(24L * MIB - offset, 1 << random.nextInt(23)));
      String request =
          switch (random.nextInt(8)) {
            case 0 -> "write -q -z %d %d".formatted(offset, length);
            case 1 -> "discard -q %dM 4M".formatted(4 * random.nextInt(6));
            case 2 -> "flush";
            default -> "write -q -P %d %d %d".formatted(1 + random.nextInt(255), offset, length);
          };
      work.add("-c '" + request + "'");
    }
    return work.toString();
  }

  private void create(String vdi, int mib) {
    shell.run("qemu-img create -f sheepdog %s %dM".formatted(vdi, mib)).orFail();
  }

  private void io(String image, String... requests) {
    io(LocalCluster.FIRST_PORT, image, requests);
  }

  private void ioThroughEachNode(String image, String... requests) {
    for (int port : CLUSTER.ports()) {
      io(port, image, requests);
    }
  }

  private void io(int port, String image, String... requests) {
    StringJoiner commands = new StringJoiner(" ");
    for (String request : requests) {
      commands.add("-c '" + request + "'");
    }
    String url = "sheepdog://127.0.0.1:" + port + "/" + image;
    // qemu-io of that age exits with 0 after some failures, so its words count too
    assertThat(shell.run("qemu-io " + commands + " " + url).orFail().stdout())
        .doesNotContain("failed")
        .doesNotContain("error");
  }

  private static String qemuIo(String image, String options) {
    return "qemu-io " + options + " sheepdog:" + image;
  }

  private String usedBy(String vdi) {
    return shell.run("collie vm list").orFail().lines().stream()
        .filter(row -> row.startsWith(vdi + " "))
        .map(row -> row.split("\\|", -1)[2].strip())
        .findFirst()
        .orElseThrow();
  }
}
