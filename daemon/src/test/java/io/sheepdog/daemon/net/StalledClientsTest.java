package io.sheepdog.daemon.net;

import static io.sheepdog.daemon.net.RawClient.header;
import static io.sheepdog.daemon.net.RawClient.read;
import static io.sheepdog.daemon.net.RawClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sheepdog.client.NettyIo;
import io.sheepdog.daemon.NoLeaks;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of the native protocol that leave bytes lying: payloads unsent, replies unread. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
final class StalledClientsTest {
  private static final int MIB = 1 << 20;
  private static final int LARGE = 32 * MIB;

  private final FakeHandler node = new FakeHandler(Runnable::run);
  private final ServerShared shared = new ServerShared(ServerLimits.DEFAULTS);
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  StalledClientsTest() {
    shared.serve(node);
  }

  @AfterEach
  void closeAll() {
    channels.forEach(EmbeddedChannel::close);
    answerAll(0);
    channels.forEach(EmbeddedChannel::releaseOutbound);
    assertThat(shared.budgets().used()).isZero();
    assertThat(shared.requests()).isZero();
    assertThat(node.openSessions).hasValue(0);
  }

  private EmbeddedChannel connect() {
    StallingChannel channel = new StallingChannel();
    new ServerConnection(shared, "10.0.0.1", channel);
    channels.add(channel);
    return channel;
  }

  private static void send(EmbeddedChannel channel, byte[] bytes) {
    ByteBuf sent = channel.alloc().buffer(bytes.length);
    channel.writeInbound(sent.writeBytes(bytes));
    channel.runPendingTasks();
  }

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      shared.budgets().look();
      List.copyOf(shared.connections()).forEach(ServerConnection::look);
    }
  }

  private List<EmbeddedChannel> announceAndSendNothing(int clients) {
    List<EmbeddedChannel> result = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      EmbeddedChannel channel = connect();
      send(channel, header(write(i, LARGE)));
      result.add(channel);
    }
    return result;
  }

  @Test
  void payloadsThatAreAnnouncedAndNotSentDoNotKeepOthersOut() throws Exception {
    announceAndSendNothing(5);
    EmbeddedChannel other = connect();
    send(other, header(write(9, 4 * MIB)));
    send(other, new byte[4 * MIB]);
    assertThat(node.calls).hasSize(1);
    node.next().answer(new byte[0]);
  }

  @Test
  void whoSendsNothingIsCutWhenOthersWaitForTheRoom() throws Exception {
    List<EmbeddedChannel> silent = announceAndSendNothing(3);
    look(2 * Stall.LOOKS);
    assertThat(silent).as("nobody wants the room").allMatch(EmbeddedChannel::isOpen);
    EmbeddedChannel other = connect();
    send(other, header(write(9, LARGE)));
    look(1);
    assertThat(silent).as("as many as it takes").filteredOn(EmbeddedChannel::isOpen).hasSize(2);
    send(other, new byte[LARGE]);
    node.next().answer(new byte[0]);
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  void whoSendsSlowlyIsNotCut() {
    EmbeddedChannel slow = announceAndSendNothing(1).get(0);
    announceAndSendNothing(5);
    for (int sent = 0; sent < LARGE; sent += LARGE / 8) {
      look(2);
      send(slow, new byte[LARGE / 8]);
    }
    assertThat(slow.isOpen()).isTrue();
    assertThat(shared.connections()).as("silent ones are gone").hasSizeLessThan(6);
  }

  @Test
  void whoWaitsForTheNodeIsNotCut() throws Exception {
    EmbeddedChannel waiting = connect();
    send(waiting, header(read(1, LARGE)));
    announceAndSendNothing(5);
    look(2 * Stall.LOOKS);
    assertThat(waiting.isOpen()).isTrue();
    assertThat(shared.connections()).hasSizeLessThan(6);
    node.next().answer(new byte[0]);
  }

  @Test
  void repliesThatAreNotReadDoNotKeepOthersOutAndTheirClientIsCut() throws Exception {
    List<StallingChannel> bad = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      StallingChannel channel = (StallingChannel) connect();
      channel.reads = false;
      bad.add(channel);
      for (int id = 0; id < 4; id++) {
        send(channel, header(read(id, LARGE)));
      }
      answerAll(LARGE);
      channel.runPendingTasks();
    }
    EmbeddedChannel other = connect();
    send(other, header(read(9, 4 * MIB)));
    node.next().answer(new byte[4 * MIB]);
    for (int i = 0; i < 10 * Stall.LOOKS; i++) {
      look(1);
      answerAll(LARGE);
      bad.forEach(EmbeddedChannel::runPendingTasks);
    }
    assertThat(bad).as("as many as it takes").filteredOn(c -> c.isOpen()).hasSizeBetween(1, 3);
    assertThat(shared.budgets().gateway().isShort()).isFalse();
    assertThat(other.isOpen()).isTrue();
  }

  private void answerAll(int length) {
    for (FakeHandler.Call call = node.calls.poll(); call != null; call = node.calls.poll()) {
      call.answer(new byte[length]);
    }
  }

  @Test
  void aServerLooksByItself() throws Exception {
    NettyIo io = NettyIo.best();
    MultiThreadIoEventLoopGroup group = io.newEventLoops(1, "stalled-test");
    ServerLimits limits =
        new ServerLimits(10, 100, MIB, 2 * MIB, MIB, MIB, Duration.ofMillis(10L * Stall.LOOKS));
    SheepServer server = new SheepServer(io, group.next(), limits);
    FakeHandler loopNode = new FakeHandler(group.next());
    int port = server.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    group.next().submit(() -> server.serve(loopNode)).get();
    InetAddress localhost = InetAddress.getByName("127.0.0.1");
    try (RawClient bad = new RawClient(localhost, port);
        RawClient other = new RawClient(localhost, port)) {
      bad.send(header(write(1, MIB)));
      await().until(() -> server.bytes() > MIB);
      other.send(write(2, MIB), new byte[MIB]);
      assertThat(bad.seesEnd()).isTrue();
      loopNode.next().answer(new byte[0]);
      assertThat(other.readResponse().isSuccess()).isTrue();
    } finally {
      group.next().submit(server::close).get();
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
    }
  }
}
