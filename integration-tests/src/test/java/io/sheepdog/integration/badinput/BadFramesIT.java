package io.sheepdog.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.wire.RawConnection;
import io.sheepdog.integration.wire.RawReply;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that speak nonsense, break off, or do not listen. */
@Timeout(300)
final class BadFramesIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);
  private static final Unharmed UNHARMED = new Unharmed(CLUSTER);

  private static final long SEED = 20261122;
  private static final int FUZZED_REQUESTS = 20_000;
  private static final int FUZZ_CONNECTIONS = 4;
  private static final int OBJECT_SIZE = 4 << 20;
  private static final int NAME_AND_TAG = 512;
  private static final int VDI_ID_OFFSET = 24;
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Heap and buffers as the launcher bounds them, 512 MiB each, and the JVM's own 256 MiB. */
  private static final long MOST_MEMORY_KIB = 1280 << 10;

  @BeforeAll
  static void createImages() {
    CLUSTER.shell().run("collie vdi create Alice 64M").orFail();
    CLUSTER.shell().run("yes precious | head -c 8M | collie vdi write Alice 0 8M").orFail();
    CLUSTER.shell().run("collie vdi create Victim 64M").orFail();
  }

  @AfterEach
  void nothingIsHarmed() throws IOException {
    UNHARMED.stillServes();
    assertThat(CLUSTER.shell().run("collie vdi read Alice 0 8M | sha1sum").orFail().stdout())
        .isEqualTo(CLUSTER.shell().run("yes precious | head -c 8M | sha1sum").stdout());
    for (int node = 0; node < CLUSTER.ports().size(); node++) {
      assertThat(residentKib(node)).as("KiB of node %d", node).isLessThan(MOST_MEMORY_KIB);
    }
  }

  private static Path socket() {
    return CLUSTER.socket(0);
  }

  private static long residentKib(int node) {
    String line = "awk '/VmRSS/ {print $2}' /proc/$(cat %s)/status";
    Path lock = CLUSTER.store(node).resolve("lock");
    return Long.parseLong(CLUSTER.shell().run(line.formatted(lock)).orFail().stdout().strip());
  }

  private static VdiId vidOf(String name) throws IOException {
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[NAME_AND_TAG]);
    payload.setCharSequence(0, name, StandardCharsets.US_ASCII);
    ByteBuf header = Frames.header(Opcode.GET_VDI_INFO, RequestFlags.WRITE, 0, NAME_AND_TAG);
    try (RawConnection connection = RawConnection.open(socket())) {
      connection.send(Unpooled.wrappedBuffer(header, payload));
      return new VdiId(connection.receive().header().getIntLE(VDI_ID_OFFSET));
    }
  }

  private static ByteBuf question(int id) {
    return Frames.header(Opcode.GET_CLUSTER_DEFAULT, RequestFlags.NONE, id, 0);
  }

  @Test
  void randomBytesEndTheirConnectionOnly() throws IOException {
    Random random = new Random(SEED);
    try (RawConnection bystander = RawConnection.open(socket())) {
      for (int i = 0; i < 300; i++) {
        byte[] bytes = new byte[1 + random.nextInt(4096)];
        random.nextBytes(bytes);
        try (RawConnection connection = RawConnection.open(socket())) {
          connection.sendWhileTaken(Unpooled.wrappedBuffer(bytes), Duration.ofMillis(100));
        }
      }
      bystander.send(question(1));
      assertThat(bystander.receive(SOON).is(ResultCode.SUCCESS)).isTrue();
    }
  }

  @Test
  void aPayloadOfFourGigabytesIsRefusedBeforeItComes() throws IOException {
    long before = residentKib(0);
    for (int i = 0; i < 50; i++) {
      try (RawConnection connection = RawConnection.open(socket())) {
        connection.send(Frames.header(Opcode.WRITE_OBJ, RequestFlags.WRITE, i, -1));
        assertThat(connection.receive(SOON).is(ResultCode.INVALID_PARMS)).isTrue();
        assertThat(connection.endsWithin(SOON)).isTrue();
      }
    }
    assertThat(residentKib(0) - before).isLessThan(128 << 10);
  }

  @Test
  void roomForFourGigabytesIsRefusedAndTheConnectionGoesOn() throws IOException {
    try (RawConnection connection = RawConnection.open(socket())) {
      connection.send(Frames.header(Opcode.READ_OBJ, RequestFlags.NONE, 1, -1));
      connection.send(question(2));

      assertThat(connection.receive(SOON).is(ResultCode.INVALID_PARMS)).isTrue();
      assertThat(connection.receive(SOON).is(ResultCode.SUCCESS)).isTrue();
    }
  }

  @Test
  void wrongVersionsAreToldSo() throws IOException {
    try (RawConnection connection = RawConnection.open(socket())) {
      for (int version = 0; version < 256; version++) {
        for (Opcode opcode : List.of(Opcode.READ_VDIS, Opcode.GET_CLUSTER_DEFAULT)) {
          if (version > 2) {
            connection.send(Frames.header(version, opcode.code(), 0, version, 0));
            assertThat(connection.receive(SOON).is(ResultCode.VER_MISMATCH)).isTrue();
          }
        }
        if (version != Opcode.SHUTDOWN.protocolVersion()) {
          connection.send(Frames.header(version, Opcode.SHUTDOWN.code(), 0, version, 0));
          assertThat(connection.receive(SOON).is(ResultCode.VER_MISMATCH)).isTrue();
        }
      }
    }
  }

  @Test
  void unknownOperationsAreInvalid() throws IOException {
    try (RawConnection connection = RawConnection.open(socket())) {
      for (int code = 0; code < 256; code++) {
        if (Opcode.fromCode(code) == null) {
          int version = code < 0x80 ? 2 : 10;
          connection.send(Frames.header(version, code, RequestFlags.NONE, code, 0));
          RawReply plain = connection.receive(SOON);
          ByteBuf header = Frames.header(version, code, RequestFlags.WRITE, code, 5);
          connection.send(Unpooled.wrappedBuffer(header, Unpooled.wrappedBuffer(new byte[5])));
          RawReply withPayload = connection.receive(SOON);

          assertThat(List.of(plain, withPayload))
              .allMatch(reply -> reply.is(ResultCode.INVALID_PARMS))
              .allMatch(reply -> reply.payload().readableBytes() == 0);
        }
      }
    }
  }

  @Test
  void knownOperationsWithRandomBodiesAreAnswered() throws IOException {
    Fuzz fuzz = new Fuzz(SEED, vidOf("Victim"));
    List<RawConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < FUZZ_CONNECTIONS; i++) {
        connections.add(RawConnection.open(CLUSTER.socket(i % CLUSTER.ports().size())));
      }
      for (int i = 0; i < FUZZED_REQUESTS; i += FUZZ_CONNECTIONS) {
        List<ByteBuf> requests = new ArrayList<>();
        for (int k = 0; k < FUZZ_CONNECTIONS; k++) {
          requests.add(fuzz.next(i + k));
          connections.get(k).send(requests.get(k));
        }
        for (int k = 0; k < FUZZ_CONNECTIONS; k++) {
          RawReply reply = answer(connections.get(k), requests.get(k), i + k);
          assertThat(reply.id()).isEqualTo(i + k);
        }
      }
    } finally {
      for (RawConnection connection : connections) {
        connection.close();
      }
    }
  }

  private static RawReply answer(RawConnection connection, ByteBuf request, int number) {
    try {
      return connection.receive();
    } catch (IOException | AssertionError e) {
      String header = ByteBufUtil.hexDump(request, 0, Limits.HEADER_SIZE);
      throw new AssertionError("request " + number + " (seed " + SEED + "): " + header, e);
    }
  }

  @Test
  void clientsThatBreakOffLeaveNothingBehind() throws IOException {
    ObjectId inode = ObjectId.inode(vidOf("Alice"));
    ByteBuf write =
        Frames.object(
            Opcode.WRITE_OBJ, RequestFlags.WRITE, 0, OBJECT_SIZE, ObjectId.data(inode.vid(), 9));
    ByteBuf half = Unpooled.wrappedBuffer(write, Unpooled.wrappedBuffer(new byte[OBJECT_SIZE / 2]));
    ByteBuf read =
        Frames.object(Opcode.READ_OBJ, RequestFlags.NONE, 0, InodeLayout.QEMU_SIZE, inode);
    for (int i = 0; i < 50; i++) {
      for (ByteBuf sent : List.of(question(0).slice(0, 20), half, read)) {
        try (RawConnection connection = RawConnection.open(socket())) {
          connection.send(sent);
        }
      }
    }
  }

  @Test
  void aClientThatDoesNotReadStallsNobodyElse() throws IOException {
    ObjectId inode = ObjectId.inode(vidOf("Alice"));
    try (RawConnection deaf = RawConnection.open(socket());
        RawConnection other = RawConnection.open(socket())) {
      for (int i = 0; i < 200; i++) {
        deaf.sendWhileTaken(
            Frames.object(Opcode.READ_OBJ, RequestFlags.NONE, i, InodeLayout.QEMU_SIZE, inode),
            Duration.ofMillis(100));
      }
      for (int i = 0; i < 20; i++) {
        other.send(Frames.object(Opcode.READ_OBJ, RequestFlags.NONE, i, 4096, inode));
        assertThat(other.receive(SOON).is(ResultCode.SUCCESS)).isTrue();
      }
      assertThat(residentKib(0)).isLessThan(MOST_MEMORY_KIB);
    }
  }
}
