package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.fault.FaultTable;
import io.sheepdog.integration.fault.Redundancy;
import io.sheepdog.integration.process.Shell;
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
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One of four nodes does not answer although its process lives, under a client that writes: the
 * others go on without it, and it comes back by itself.
 */
@Tag(Qemu52.TAG)
@Timeout(300)
final class SilentNodeIT {
  private static final int VICTIM = 3;
  private static final int NODES = 4;

  /** Of most of so many objects the victim has a copy. */
  private static final int OBJECTS = 16;

  private static final int BLOCK = 4096;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** The bound for silence, a lease, and a second. */
  private static final Duration STALL = Duration.ofSeconds(8);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(NODES, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  void aProcessThatStandsStill() throws Exception {
    run("qemu-img create -f sheepdog sheepdog:Past 64M");
    write("Past", 1);
    LiveWriter writer = writer("Stopped");
    awaitRecovered();
    Duration whole;
    try (RawConnection before = RawConnection.open(CLUSTER.socket(VICTIM))) {
      ask(before, "Past");
      assertThat(answers(before)).hasSize(OBJECTS).containsOnly(1);

      writer.longest();
      Redundancy redundancy = Redundancy.lostNow(CLUSTER.log(0));
      CLUSTER.standStill(VICTIM);
      whole = redundancy.await();
      awaitMembers(NODES - 1);
      writer.awaitMore();
      write("Past", 2);
      try (RawConnection meanwhile = RawConnection.open(CLUSTER.socket(VICTIM))) {
        ask(before, "Past");
        ask(meanwhile, "Past");
        CLUSTER.goOn(VICTIM);
        assertThat(answers(before)).as("said to whom it knew").allMatch(said -> said == 2);
        assertThat(answers(meanwhile)).as("said to others").allMatch(said -> said == 2);
      }
    }
    isBackByItself(writer, "Stopped", "a sheep stands still (SIGSTOP)", whole);
  }

  @Test
  void aDiskThatHangs() throws Exception {
    LiveWriter writer = writer("Hanging");
    awaitRecovered();
    writer.longest();
    Redundancy redundancy = Redundancy.lostNow(CLUSTER.log(0));
    CLUSTER.hangDisk(VICTIM);
    Duration whole = redundancy.await();
    awaitMembers(NODES - 1);
    writer.awaitMore();
    CLUSTER.mendDisk();
    isBackByItself(writer, "Hanging", "the syncs of a disk hang", whole);
  }

  private LiveWriter writer(String vdi) {
    run("qemu-img create -f sheepdog sheepdog:" + vdi + " " + LiveWriter.SIZE);
    LiveWriter writer = LiveWriter.start(shell, "sheepdog:" + vdi, CLUSTER.directory(), vdi);
    writer.awaitMore();
    return writer;
  }

  private void isBackByItself(LiveWriter writer, String vdi, String fault, Duration whole)
      throws Exception {
    Duration stall = writer.longest();
    awaitMembers(NODES);
    writer.awaitMore();
    writer.finishAndVerify(
        CLUSTER.ports().stream().map(port -> "sheepdog://127.0.0.1:" + port + "/" + vdi).toList());
    assertThat(CLUSTER.logOf(VICTIM)).contains("cause=EVICTED", "joining the cluster again");
    assertThat(stall).as("longest write").isLessThan(STALL);
    assertThat(writer.longest()).as("longest write during the return").isLessThan(STALL);
    FaultTable.add("local, 4 nodes", fault, stall, writer.writes(), whole);
  }

  private void write(String vdi, int pattern) {
    StringBuilder line = new StringBuilder("qemu-io");
    for (long object = 0; object < OBJECTS; object++) {
      line.append(" -c 'write -P %d %d 64k'".formatted(pattern, object << 22));
    }
    run(line.append(" sheepdog:").append(vdi).toString());
  }

  private void run(String line) {
    shell.run(LIMIT, line).orFail();
  }

  /** Asks for a block of every object, without waiting for answers. */
  private static void ask(RawConnection connection, String vdi) throws IOException {
    ByteBuf requests = Unpooled.buffer();
    for (int object = 0; object < OBJECTS; object++) {
      ObjectBody block = ObjectBody.of(ObjectId.data(VdiId.hashOf(vdi), object), 0);
      Request read = Request.of(Opcode.READ_OBJ, RequestFlags.NONE, BLOCK, block);
      RequestCodec.encode(read.withId(object), requests);
    }
    connection.send(requests);
  }

  /** What was read of each object, until the node ends the connection: an honest answer, too. */
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

  private void awaitRecovered() {
    await("recovery has ended")
        .atMost(LIMIT)
        .until(() -> shell.run("dog node recovery -r").orFail().stdout().isEmpty());
  }

  private void awaitMembers(int count) {
    await(count + " members")
        .atMost(LIMIT)
        .until(() -> shell.run("dog node list -r").orFail().stdout().lines().count() == count);
  }
}
