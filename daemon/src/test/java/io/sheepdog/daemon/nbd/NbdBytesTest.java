package io.sheepdog.daemon.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes at all. The files in the resources {@code corpus} are played as tests; from them Jazzer
 * goes on to others that take new branches ({@code mvn -Pfuzz}, see docs/testing.md), and what does
 * harm becomes one more file.
 */
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class NbdBytesTest {
  /** Bytes that are sent at a time, in steps. */
  private static final int STEP = 64;

  static List<Path> corpus() throws IOException, URISyntaxException {
    Path directory =
        Path.of(Objects.requireNonNull(NbdBytesTest.class.getResource("corpus")).toURI());
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void whateverComesTheServerIsUnharmed(Path file) throws IOException {
    fuzzerTestOneInput(Files.readAllBytes(file));
  }

  /**
   * One client, by the name that Jazzer calls.
   *
   * @param bytes what the client sends: how much at a time, then its flags, options, requests
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    World world = new World();
    world.host.create("Alice");
    world.host.snapshot("Alice", "noon");
    NbdTestClient client = world.connect("10.0.0.1");
    ByteBuf all = Unpooled.wrappedBuffer(bytes);
    int part = all.isReadable() ? 1 + all.readUnsignedByte() * STEP : 1;
    while (all.isReadable() && client.channel.isOpen()) {
      client.send(all.readSlice(Math.min(part, all.readableBytes())));
      client.received();
    }
    client.cut();
    world.time.advance(Duration.ofSeconds(6));
    assertThat(world.budget.used()).isZero();
    assertThat(world.host.sessions()).isZero();
    assertThat(world.host.isLocked("Alice")).isFalse();
    NbdTestClient next = world.connect("10.0.0.2").go("Alice", true);
    next.send(NbdTestClient.header(0, NbdCommand.DISC.number(), 0, 0, 0));
    assertThat(next.isClosed()).isTrue();
  }
}
