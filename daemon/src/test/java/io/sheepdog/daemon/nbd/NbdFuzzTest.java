package io.sheepdog.daemon.nbd;

import static io.sheepdog.daemon.nbd.NbdTestClient.FLAGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import io.sheepdog.protocol.Opcode;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients that say anything: conversations made from a seed, mostly in order and wrong somewhere.
 * Whatever they say, the server throws nothing, keeps nothing, and serves the next client. The
 * property {@code nbd.fuzz.seconds} makes it go on for so long; a failure names its seed.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
@ExtendWith(NoLeaks.class)
final class NbdFuzzTest {
  private static final int CONVERSATIONS = 1500;
  private static final int[] OPTIONS = {
    3, 3, 5, 6, 6, 6, 8, 8, 8, 9, 9, 10, 10, 10, 11, 77, 1, 2, 7
  };
  private static final int[] FLAG_CHOICES = {0, 0, 0, 1, 2, 4, 8, 16, 32, 0x8000};
  private static final String[] NAMES = {
    "Alice", "Alice", "Alice", "Alice", "Alice@noon", "Alice?readonly", "Bob", ""
  };

  private final World world = new World();

  NbdFuzzTest() {
    world.host.create("Alice");
    world.host.snapshot("Alice", "noon");
  }

  @Test
  void whateverAClientSaysTheServerIsUnharmed() {
    long seconds = Long.getLong("nbd.fuzz.seconds", 0);
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    long seed = 1;
    while (seed <= CONVERSATIONS || System.nanoTime() < end) {
      try {
        converse(new SplittableRandom(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    }
    // else it would not have come far
    assertThat(world.host.count(Opcode.WRITE_OBJ)).isGreaterThan(CONVERSATIONS / 20);
    assertThat(world.host.count(Opcode.READ_OBJ)).isGreaterThan(CONVERSATIONS / 20);
  }

  private void converse(SplittableRandom random) {
    NbdTestClient client = world.connect("10.0.0." + random.nextInt(1, 3));
    ByteBuf all = Unpooled.buffer();
    all.writeInt(random.nextInt(8) == 0 ? random.nextInt() : FLAGS);
    int options = random.nextInt(6);
    for (int i = 0; i < options; i++) {
      option(random, all, OPTIONS[random.nextInt(OPTIONS.length)]);
    }
    if (random.nextInt(4) != 0) {
      option(random, all, random.nextInt(5) == 0 ? 1 : 7);
      int requests = random.nextInt(12);
      for (int i = 0; i < requests; i++) {
        request(random, all);
      }
    }
    corrupt(random, all);
    talk(random, client, all);
    client.cut();
    world.time.advance(Duration.ofSeconds(6));
    assertThat(world.budget.used()).isZero();
    assertThat(world.host.sessions()).isZero();
    assertThat(world.host.isLocked("Alice")).isFalse();
    if (random.nextInt(50) == 0) {
      checkService();
    }
  }

  /** Sends it in parts of any size; mostly waits for answers, as the protocol demands. */
  private static void talk(SplittableRandom random, NbdTestClient client, ByteBuf all) {
    while (all.isReadable() && client.channel.isOpen()) {
      int part = Math.min(all.readableBytes(), 1 + random.nextInt(random.nextInt(1, 400)));
      client.send(all.readSlice(part));
      if (random.nextInt(4) != 0) {
        client.received();
      }
    }
    client.received();
  }

  private static void corrupt(SplittableRandom random, ByteBuf all) {
    int mistakes = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 0;
    for (int i = 0; i < mistakes; i++) {
      all.setByte(random.nextInt(all.readableBytes()), random.nextInt());
    }
  }

  private static void option(SplittableRandom random, ByteBuf all, int number) {
    String name = NAMES[random.nextInt(NAMES.length)];
    byte[] data =
        switch (number) {
          case 1 -> NbdTestClient.bytes(name);
          case 6, 7 -> NbdTestClient.query(name, random.nextInt(5), random.nextInt(5));
          case 9, 10 -> NbdTestClient.contexts(name, "base:allocation", "base:", "x");
          default -> new byte[random.nextInt(8) == 0 ? random.nextInt(100) : 0];
        };
    all.writeLong(Nbd.OPTION_MAGIC).writeInt(number);
    all.writeInt(random.nextInt(20) == 0 ? random.nextInt() : data.length).writeBytes(data);
  }

  private static void request(SplittableRandom random, ByteBuf all) {
    int type = random.nextInt(9);
    if (type == 2 && random.nextInt(4) != 0) {
      type = 1;
    }
    long size = MemoryBlockHost.SIZE;
    long offset = random.nextInt(8) == 0 ? random.nextLong() : random.nextLong(size + 10);
    int length =
        switch (random.nextInt(10)) {
          case 0 -> random.nextInt();
          case 1 -> 0;
          default -> random.nextInt(type == 1 ? 5000 : (int) size);
        };
    int flags = FLAG_CHOICES[random.nextInt(FLAG_CHOICES.length)];
    all.writeBytes(NbdTestClient.header(flags, type, random.nextLong(), offset, length));
    if (type == 1) {
      all.writeZero(length < 0 || length > 1 << 20 ? 100 : length);
    }
  }

  private void checkService() {
    NbdTestClient client = world.connect("10.0.0.9").go("Alice", false);
    assertThat(client.simple(0, 1, 5, 3, new byte[] {1, 2, 3})).isZero();
    client.send(NbdTestClient.header(0, 2, 0, 0, 0));
    assertThat(client.isClosed()).isTrue();
  }
}
