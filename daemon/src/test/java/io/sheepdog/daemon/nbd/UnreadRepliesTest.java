package io.sheepdog.daemon.nbd;

import static io.sheepdog.daemon.nbd.NbdTestClient.FLAGS;
import static io.sheepdog.daemon.nbd.NbdTestClient.header;
import static io.sheepdog.daemon.nbd.NbdTestClient.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.OptionReply;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import io.sheepdog.protocol.Opcode;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies that a client does not read, and those that cannot be made, are bounded as well. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class UnreadRepliesTest {
  private static final int LIST = 3;
  private static final int GO = 7;
  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int TRIM = 4;
  private static final int WRITE_ZEROES = 6;
  private static final int BLOCK_STATUS = 7;
  private static final int OBJECT = MemoryBlockHost.OBJECT;
  private static final long LONG = 3000L * OBJECT;

  private final World world = new World();
  private final NbdTestClient client = world.connect("10.0.0.1");

  UnreadRepliesTest() {
    world.host.create("Alice", LONG);
  }

  @AfterEach
  void nothingIsLeft() {
    client.cut();
    world.host.release();
    assertThat(world.budget.used()).isZero();
  }

  private long unsent() {
    ChannelOutboundBuffer out = client.channel.unsafe().outboundBuffer();
    return Objects.requireNonNull(out).totalPendingWriteBytes();
  }

  @Test
  void reportsThatAreNotReadCountAsMuchAsTheyTake() {
    client.go("Alice", true);
    for (int i = 0; i < 64; i += 2) {
      assertThat(client.simple(0, WRITE, (long) i * OBJECT, 1, new byte[1])).isZero();
    }
    client.channel.reads = false;
    for (int i = 0; i < 300; i++) {
      client.send(header(0, BLOCK_STATUS, i, 0, LONG));
    }
    assertThat(unsent()).isGreaterThan(256 * 64 * 8L);
    assertThat(world.budget.used()).isGreaterThan(unsent());
    assertThat(client.channel.config().isAutoRead()).isFalse();
    client.channel.readAll();
    client.received();
    assertThat(world.budget.used()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {TRIM, WRITE_ZEROES})
  void requestsOfLongRangesCountTheObjectsTheyAreAbout(int command) {
    client.go("Alice", false);
    client.simple(0, WRITE, 0, 1, new byte[1]);
    world.host.hold(request -> request.operation() == Opcode.WRITE_OBJ);
    client.send(header(0, command, 1, 0, LONG));
    assertThat(world.budget.used()).isGreaterThan(64 * LONG / OBJECT);
  }

  @Test
  void aListThatIsNotReadIsNotInMemory() {
    for (int i = 0; i < 2000; i++) {
      world.host.create("v" + i);
    }
    client.greet(FLAGS);
    client.channel.reads = false;
    client.sendOption(LIST, new byte[0]);
    assertThat(unsent()).isBetween(1L, Handshake.LIST_PIECE + 2048L);
    client.channel.readOne();
    client.channel.runPendingTasks();
    assertThat(unsent()).isBetween(1L, Handshake.LIST_PIECE + 2048L);
  }

  @Test
  void aLongListIsCompleteAndTheNextOptionIsAnsweredBehindIt() {
    for (int i = 0; i < 2000; i++) {
      world.host.create("v" + i);
    }
    client.greet(FLAGS);
    client.channel.reads = false;
    client.sendOption(LIST, new byte[0]);
    client.sendOption(GO, query("v7"));
    client.channel.readAll();
    List<OptionReply> replies = client.optionReplies();
    assertThat(replies.subList(0, 2001)).allMatch(reply -> reply.type() == Nbd.REP_SERVER);
    assertThat(replies.get(2001).option()).isEqualTo(LIST);
    assertThat(replies.get(2001).type()).isEqualTo(Nbd.REP_ACK);
    assertThat(replies.get(replies.size() - 1).option()).isEqualTo(GO);
  }

  @ParameterizedTest
  @CsvSource({"READ, true", "READ, false", "WRITE, true", "BLOCK_STATUS, true", "FLUSH, true"})
  void aReplyForWhichThereIsNoMemoryEndsTheConnection(NbdCommand command, boolean structured) {
    FailingAllocator memory = new FailingAllocator();
    client.channel.config().setAllocator(memory);
    client.go("Alice", structured);
    client.simple(0, WRITE, 0, 3, new byte[3]);
    world.host.hold(request -> request.operation() == Opcode.READ_OBJ);
    int length = command == NbdCommand.FLUSH ? 0 : 2 * OBJECT;
    memory.empty = true;
    client.channel.writeInbound(
        Unpooled.directBuffer()
            .writeBytes(header(0, command.number(), 1, 0, length))
            .writeZero(command == NbdCommand.WRITE ? length : 0));
    world.host.release();
    assertThat(client.isClosed()).isTrue();
    assertThat(world.budget.used()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {LIST, GO})
  void anOptionForWhichThereIsNoMemoryEndsTheConnection(int option) {
    FailingAllocator memory = new FailingAllocator();
    client.channel.config().setAllocator(memory);
    client.greet(FLAGS);
    world.host.hold(request -> request.operation() == Opcode.READ_OBJ);
    byte[] data = option == GO ? query("Alice") : new byte[0];
    memory.empty = true;
    client.channel.writeInbound(
        Unpooled.directBuffer()
            .writeLong(Nbd.OPTION_MAGIC)
            .writeInt(option)
            .writeInt(data.length)
            .writeBytes(data));
    world.host.release();
    client.channel.runPendingTasks();
    assertThat(client.isClosed()).isTrue();
    assertThat(world.host.isLocked("Alice")).isFalse();
  }
}
