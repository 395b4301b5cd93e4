package io.sheepdog.integration.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The daemon that a client is connected to dies in the middle of its writes and is started again:
 * the client connects anew and must not notice more than a pause.
 */
@Tag(Qemu52.TAG)
@Timeout(240)
final class GatewayRestartIT {
  private static final int MIB = 1 << 20;
  private static final int OBJECTS_BEFORE_THE_CRASH = 20;
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @ParameterizedTest
  @ValueSource(strings = {"First", "Second"})
  void aCopyGoesOnWhenItsGatewayIsKilledAndStartedAgain(String vdi) throws Exception {
    Path image = randomImage(vdi, 320);
    Path output = CLUSTER.directory().resolve(vdi + ".out");
    long before = objects();
    Process copy =
        shell.start(
            output,
            List.of(
                Qemu52.bin().resolve("qemu-img").toString(),
                "convert",
                "-f",
                "raw",
                "-O",
                "sheepdog",
                image.toString(),
                "sheepdog:" + vdi));

    await().atMost(LIMIT).until(() -> objects() > before + OBJECTS_BEFORE_THE_CRASH);
    CLUSTER.kill(0);
    CLUSTER.start(0);

    assertThat(copy.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(copy.exitValue()).as(Files.readString(output)).isZero();
    for (int port : CLUSTER.ports()) {
      shell
          .run(
              LIMIT,
              "qemu-img compare -f raw -F sheepdog %s sheepdog://127.0.0.1:%d/%s"
                  .formatted(image, port, vdi))
          .orFail();
    }
  }

  private static long objects() {
    try (Stream<Path> files = Files.list(CLUSTER.store(1).resolve("obj"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path randomImage(String name, int mib) throws IOException {
    Path image = CLUSTER.directory().resolve(name + ".raw");
    byte[] piece = new byte[MIB];
    Random random = new Random(name.hashCode());
    try (var out = Files.newOutputStream(image)) {
      for (int i = 0; i < mib; i++) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    return image;
  }
}
