package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.qemu.Qemu52;
import io.sheepdog.integration.wire.RawConnection;
import io.sheepdog.integration.wire.RawReply;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A gateway stands still for a minute while others write: when it goes on, requests have been
 * waiting in its sockets, and it has not heard yet that the others went on without it, because its
 * corosync goes on a little later. It must not answer from the past.
 */
@Tag(Qemu52.TAG)
@Timeout(240)
@ClusterTest
final class PausedGatewayIT {
  private static final int NODES = 5;
  private static final Duration PAUSE = Duration.ofSeconds(60);
  private static final Duration EVICTED = Duration.ofSeconds(45);
  private static final VdiId ALICE = new VdiId(0x15d167);
  private static final int BLOCK = 4096;

  /** So many objects of which the gateway has copies of most. */
  private static final int OBJECTS = 32;

  private static final int PATTERNS = 255;

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(NODES);

  private final ClusterNode gateway = CLUSTER.nodes().get(1);
  private final ClusterNode other = CLUSTER.first();

  @BeforeAll
  static void format() {
    CLUSTER.format(3);
  }

  @Test
  void whatItSaysAfterwardsIsOfToday() throws IOException {
    qemu("qemu-img create -f sheepdog " + other.url("Alice") + " 128M").orFail();
    write(1).orFail();
    try (RawConnection before = connect();
        RawConnection meanwhile = connect()) {
      ask(before);
      assertThat(answers(before)).hasSize(OBJECTS).containsOnly(1);

      long begin = System.nanoTime();
      gateway.stopDaemons();
      Awaitility.await("a write without the paused node")
          .atMost(EVICTED)
          .until(() -> write(2).exitCode() == 0);
      int newest = 2;
      while (System.nanoTime() - begin < PAUSE.toNanos()) {
        newest = newest % PATTERNS + 1;
        write(newest).orFail();
      }
      ask(before);
      ask(meanwhile);
      gateway.continueSheep();
      // once it has served this, it has looked at what came before
      gateway.nodeList();
      gateway.continueCorosync();

      assertThat(answers(before)).as("said to whom it knew").allMatch(is(newest));
      assertThat(answers(meanwhile)).as("said to others").allMatch(is(newest));
      gateway.awaitRows(NODES);
      try (RawConnection after = connect()) {
        ask(after);
        assertThat(answers(after)).hasSize(OBJECTS).allMatch(is(newest));
      }
    }
  }

  private static Predicate<Integer> is(int pattern) {
    return said -> said == pattern;
  }

  private Outcome write(int pattern) {
    StringBuilder line = new StringBuilder("timeout 20 qemu-io");
    for (long object = 0; object < OBJECTS; object++) {
      line.append(" -c 'write -P %d %d 64k'".formatted(pattern, object << 22));
    }
    return qemu(line.append(' ').append(other.url("Alice")).toString());
  }

  private RawConnection connect() throws IOException {
    return RawConnection.open(new InetSocketAddress(gateway.address(), 7000));
  }

  /** Asks for a block of every object, without waiting for answers. */
  private static void ask(RawConnection connection) throws IOException {
    ByteBuf requests = Unpooled.buffer();
    for (int object = 0; object < OBJECTS; object++) {
      ObjectBody block = ObjectBody.of(ObjectId.data(ALICE, object), 0);
      Request read = Request.of(Opcode.READ_OBJ, RequestFlags.NONE, BLOCK, block);
      RequestCodec.encode(read.withId(object), requests);
    }
    connection.send(requests);
  }

  /** What was read of each object, until the gateway ends the connection: an honest answer, too. */
  private static List<Integer> answers(RawConnection connection) throws IOException {
    List<Integer> patterns = new ArrayList<>();
    try {
      while (patterns.size() < OBJECTS) {
        RawReply reply = connection.receive();
        assertThat(reply.is(ResultCode.SUCCESS)).as(reply.toString()).isTrue();
        patterns.add((int) reply.payload().getUnsignedByte(0));
      }
    } catch (EOFException | SocketException ended) {
      return patterns;
    }
    return patterns;
  }

  private static Outcome qemu(String line) {
    return CLUSTER.client().run(line);
  }
}
