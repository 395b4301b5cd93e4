package io.sheepdog.daemon.nbd;

import static io.sheepdog.daemon.nbd.NbdTestClient.header;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import io.sheepdog.daemon.net.Stall;
import io.sheepdog.protocol.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that leave bytes lying, payloads unsent and replies unread, beside one that does not. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class NbdStallTest {
  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int DISC = 2;
  private static final int LARGE = 32 << 20;
  private static final int OBJECT = MemoryBlockHost.OBJECT;

  private final World world = new World();
  private final List<NbdTestClient> clients = new ArrayList<>();

  NbdStallTest() {
    world.host.create("Alice", 64L * OBJECT);
    world.host.create("Bob", 64L * OBJECT);
  }

  @AfterEach
  void closeAll() {
    clients.forEach(NbdTestClient::cut);
    assertThat(world.budget.used()).isZero();
  }

  private NbdTestClient open(String export) {
    NbdTestClient client = world.connect(export.equals("Alice") ? "10.0.0.1" : "10.0.0.2");
    clients.add(client);
    return client.go(export, false);
  }

  private List<NbdTestClient> announceAndSendNothing(int count) {
    List<NbdTestClient> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      result.add(open("Alice"));
    }
    result.forEach(client -> client.send(header(0, WRITE, 1, 0, LARGE)));
    return result;
  }

  private static void isServed(NbdTestClient client, int length) {
    assertThat(client.simple(0, WRITE, 0, length, new byte[length])).isZero();
    assertThat(client.request(0, READ, 0, length, new byte[0]).readableBytes())
        .isEqualTo(16 + length);
  }

  @Test
  void payloadsThatAreAnnouncedAndNotSentDoNotKeepOthersOut() {
    announceAndSendNothing(5);
    NbdTestClient other = open("Bob");
    isServed(other, 4096);
    isServed(other, 8 << 20);
  }

  @Test
  void whoSendsNothingIsCutWhenOthersNeedTheRoom() {
    List<NbdTestClient> silent = announceAndSendNothing(3);
    world.look(2 * Stall.LOOKS);
    assertThat(silent).as("nobody needs it").noneMatch(NbdTestClient::isClosed);
    NbdTestClient other = open("Bob");
    other.send(header(0, WRITE, 1, 0, LARGE));
    world.look(1);
    assertThat(silent).as("as many as it takes").filteredOn(NbdTestClient::isClosed).hasSize(1);
    other.send(Unpooled.wrappedBuffer(new byte[LARGE]));
    assertThat(other.received()).hasSize(16);
  }

  @Test
  void twoOfTheLargestRequestsOfAConnectionGoTogether() {
    NbdTestClient client = open("Alice");
    world.host.hold(request -> request.operation() == Opcode.CREATE_AND_WRITE_OBJ);
    for (int i = 0; i < 3; i++) {
      client.send(header(0, WRITE, i, 0, LARGE));
      assertThat(client.channel.config().isAutoRead()).isEqualTo(i < 2);
      client.send(Unpooled.wrappedBuffer(new byte[LARGE]));
    }
    assertThat(world.budget.used()).isBetween(2L * LARGE, 3L * LARGE - 1);
    world.host.release();
    assertThat(client.received()).hasSize(3 * 16);
  }

  @Test
  void whoSendsSlowlyIsNotCut() {
    NbdTestClient slow = announceAndSendNothing(6).get(0);
    int piece = LARGE / 8;
    for (int sent = 0; sent < LARGE; sent += piece) {
      world.look(2);
      slow.send(Unpooled.wrappedBuffer(new byte[piece]));
    }
    assertThat(slow.received()).hasSize(16);
    assertThat(clients).as("some are cut").anyMatch(NbdTestClient::isClosed);
    assertThat(slow.isClosed()).isFalse();
    assertThat(world.budget.isShort()).isFalse();
  }

  @Test
  void aByteNowAndThenKeepsNobodysPlace() {
    List<NbdTestClient> dripping = announceAndSendNothing(4);
    NbdTestClient other = open("Bob");
    other.send(header(0, WRITE, 1, 0, 1 << 20));
    for (int i = 0; i <= 2 * Stall.LOOKS; i++) {
      dripping.stream()
          .filter(client -> !client.isClosed())
          .forEach(client -> client.send(Unpooled.wrappedBuffer(new byte[1])));
      world.look(1);
    }
    assertThat(dripping).as("as many as it takes").anyMatch(NbdTestClient::isClosed);
    other.send(Unpooled.wrappedBuffer(new byte[1 << 20]));
    assertThat(other.received()).hasSize(16);
    assertThat(world.budget.isShort()).isFalse();
  }

  /** More than half of what is left each time: the last byte would never be read. */
  @Test
  void everSmallerPartsOfAReplyKeepNobodysPlace() {
    List<NbdTestClient> halving = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      NbdTestClient client = open("Alice");
      halving.add(client);
      client.channel.reads = false;
      client.send(header(0, READ, 1, 0, LARGE));
      client.channel.readOne();
    }
    open("Bob").send(header(0, WRITE, 1, 0, LARGE));
    long left = LARGE;
    for (int i = 0; i < 4 && halving.stream().noneMatch(NbdTestClient::isClosed); i++) {
      long part = left * 3 / 5;
      left -= part;
      halving.forEach(client -> client.channel.readPart(part));
      world.look(Stall.LOOKS - 1);
    }
    assertThat(halving).as("as many as it takes").anyMatch(NbdTestClient::isClosed);
  }

  @Test
  void whoWaitsForTheNodeIsNotCut() {
    NbdTestClient waiting = open("Bob");
    world.host.hold(request -> request.operation() == Opcode.CREATE_AND_WRITE_OBJ);
    waiting.send(header(0, WRITE, 1, 0, LARGE).writeZero(LARGE));
    announceAndSendNothing(5);
    world.look(5 * Stall.LOOKS);
    assertThat(clients).as("some are cut").anyMatch(NbdTestClient::isClosed);
    assertThat(waiting.isClosed()).isFalse();
    world.host.release();
    assertThat(waiting.received()).hasSize(16);
  }

  @Test
  void repliesThatAreNotReadDoNotKeepOthersOutAndTheirClientIsCut() {
    List<NbdTestClient> bad = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      bad.add(open("Alice"));
    }
    for (NbdTestClient client : bad) {
      client.channel.reads = false;
      client.send(header(0, READ, 1, 0, LARGE));
      client.send(header(0, READ, 2, 0, LARGE));
    }
    NbdTestClient other = open("Bob");
    isServed(other, 4 << 20);
    world.look(5 * Stall.LOOKS);
    assertThat(bad).as("as many as it takes").anyMatch(NbdTestClient::isClosed);
    assertThat(world.budget.isShort()).isFalse();
    isServed(other, 4 << 20);
  }

  @Test
  void whoTakesItsLeaveAndDoesNotReadTheRepliesIsCut() {
    NbdTestClient client = open("Bob");
    client.channel.reads = false;
    client.send(header(0, READ, 1, 0, 1 << 20));
    client.send(header(0, DISC, 2, 0, 0));
    assertThat(world.host.isLocked("Bob")).isTrue();
    client.channel.advanceTimeBy(NbdLimits.DEFAULTS.patience().toMillis(), TimeUnit.MILLISECONDS);
    client.channel.runScheduledPendingTasks();
    assertThat(client.isClosed()).isTrue();
    assertThat(world.host.isLocked("Bob")).isFalse();
  }

  @Test
  void whoReadsSlowlyIsNotCut() {
    NbdTestClient slow = open("Bob");
    slow.channel.reads = false;
    for (int i = 0; i < 20; i++) {
      slow.send(header(0, READ, i, 0, 1 << 20));
    }
    announceAndSendNothing(6);
    for (int i = 0; i < 20; i++) {
      slow.channel.readOne();
      slow.channel.readOne();
      world.look(1);
    }
    assertThat(clients).as("some are cut").anyMatch(NbdTestClient::isClosed);
    assertThat(slow.isClosed()).isFalse();
  }
}
