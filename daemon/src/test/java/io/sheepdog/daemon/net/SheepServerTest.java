package io.sheepdog.daemon.net;

import static io.sheepdog.daemon.net.RawClient.header;
import static io.sheepdog.daemon.net.RawClient.read;
import static io.sheepdog.daemon.net.RawClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.NettyIo;
import io.sheepdog.client.ToolConnection;
import io.sheepdog.client.ToolOptions;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
@ExtendWith(NoLeaks.class)
@ParameterizedClass
@EnumSource
class SheepServerTest {
  private static final int MIB = 1 << 20;

  private final NettyIo io;
  private final MultiThreadIoEventLoopGroup group;
  private final FakeHandler node;
  private SheepServer server;
  private int port;

  SheepServerTest(NettyIo io) throws Exception {
    this.io = io;
    this.group = io.newEventLoops(1, "server-test");
    this.node = new FakeHandler(group.next());
    this.server = start(ServerLimits.DEFAULTS);
  }

  private SheepServer start(ServerLimits limits) throws Exception {
    SheepServer started = new SheepServer(io, group.next(), limits);
    port = started.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    onLoop(() -> started.serve(node));
    return started;
  }

  private void restart(ServerLimits limits) throws Exception {
    onLoop(server::close);
    server = start(limits);
  }

  private void onLoop(Runnable task) throws Exception {
    group.next().submit(task).get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    onLoop(server::close);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }

  private RawClient connect() throws IOException {
    return new RawClient(InetAddress.getByName("127.0.0.1"), port);
  }

  private static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void requestsArePipelinedAndAnsweredInTheOrderInWhichTheyComplete() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(1, 4), new byte[0]);
      client.send(write(2, 3), new byte[] {7, 8, 9});
      FakeHandler.Call first = node.next();
      FakeHandler.Call second = node.next();
      assertThat(second.payload()).containsExactly(7, 8, 9);
      second.answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(2);
      first.answer(new byte[] {1, 2, 3, 4});
      Response response = client.readResponse();
      assertThat(response.id()).isEqualTo(1);
      assertThat(client.readPayload(response)).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void largePayloadsPassWholeInBothDirections() throws Exception {
    byte[] data = bytes(5 * MIB + 17, 1);
    try (RawClient client = connect()) {
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> sendAll(client, write(1, data.length), data));
      FakeHandler.Call write = node.next();
      assertThat(write.payload()).isEqualTo(data);
      sent.join();
      client.send(read(2, data.length), new byte[0]);
      node.next().answer(data);
      Response response = client.readResponse();
      assertThat(client.readPayload(response)).isEqualTo(data);
      write.answer(new byte[0]);
      assertThat(client.readResponse().isSuccess()).isTrue();
    }
  }

  private static void sendAll(RawClient client, Request request, byte[] payload) {
    try {
      client.send(request, payload);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRequestMayArriveByteByByte() throws Exception {
    try (RawClient client = connect()) {
      byte[] all = Arrays.copyOf(header(write(1, 5)), 53);
      for (byte one : all) {
        client.send(new byte[] {one});
      }
      FakeHandler.Call call = node.next();
      assertThat(call.payload()).hasSize(5);
      call.answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(1);
    }
  }

  @Test
  void bothFamiliesAreServedAndClientsAreKnownByTheirAddress() throws Exception {
    try (RawClient v4 = connect();
        RawClient v6 = new RawClient(InetAddress.getByName("::1"), port)) {
      v4.send(read(1, 0), new byte[0]);
      node.next().answer(new byte[0]);
      v6.send(read(1, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(v4.readResponse().isSuccess()).isTrue();
      assertThat(v6.readResponse().isSuccess()).isTrue();
      assertThat(node.opened).containsExactly("127.0.0.1", "127.0.0.1");
    }
  }

  @Test
  void unixSocketClientsCountAsTheNodesOwnHost(@TempDir Path directory) throws Exception {
    Path socket = directory.resolve("sock");
    SheepServer unix = new SheepServer(io, group.next(), ServerLimits.DEFAULTS);
    unix.listenUnix(socket, "192.0.2.1").toCompletableFuture().get(10, TimeUnit.SECONDS);
    onLoop(() -> unix.serve(node));
    CompletableFuture<Void> answered = CompletableFuture.runAsync(this::answerOne);
    try (ToolConnection client = ToolConnection.open(Endpoint.unix(socket), ToolOptions.DEFAULTS)) {
      assertThat(client.call(read(0, 0), Unpooled.EMPTY_BUFFER).header().isSuccess()).isTrue();
    }
    answered.join();
    assertThat(node.opened).containsExactly("192.0.2.1");
    onLoop(unix::close);
    Files.deleteIfExists(socket);
  }

  private void answerOne() {
    try {
      node.next().answer(new byte[0]);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aTakenPortIsSaid() throws Exception {
    SheepServer second = new SheepServer(io, group.next(), ServerLimits.DEFAULTS);
    assertThatThrownBy(() -> second.listenTcp(null, port).toCompletableFuture().get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("Address already in use");
  }

  @Test
  void connectionsWaitUntilTheNodeServes() throws Exception {
    SheepServer late = new SheepServer(io, group.next(), ServerLimits.DEFAULTS);
    int latePort = late.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    try (RawClient client = new RawClient(InetAddress.getByName("127.0.0.1"), latePort)) {
      client.send(read(1, 0), new byte[0]);
      await().during(Duration.ofMillis(200)).until(node.calls::isEmpty);
      onLoop(() -> late.serve(node));
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(1);
    }
    onLoop(late::close);
  }

  @Test
  void anAddressThatIsBoundWhileTheNodeServesIsServedToo() throws Exception {
    port = server.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    try (RawClient client = connect()) {
      client.send(read(1, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(1);
    }
  }

  @Test
  void aHeaderThatAnnouncesFourGibibytesIsRefusedWithoutAllocation() throws Exception {
    try (RawClient client = connect()) {
      byte[] header = header(write(9, 0));
      Arrays.fill(header, 12, 16, (byte) 0xff);
      client.send(header);
      Response response = client.readResponse();
      assertThat(response.id()).isEqualTo(9);
      assertThat(response.is(ResultCode.INVALID_PARMS)).isTrue();
      assertThat(client.seesEnd()).isTrue();
      assertThat(server.bytes()).isZero();
      assertThat(node.calls).isEmpty();
    }
  }

  @Test
  void roomForFourGibibytesIsRefusedAndTheConnectionGoesOn() throws Exception {
    try (RawClient client = connect()) {
      byte[] header = header(read(9, 0));
      Arrays.fill(header, 12, 16, (byte) 0xff);
      client.send(header);
      assertThat(client.readResponse().is(ResultCode.INVALID_PARMS)).isTrue();
      client.send(read(10, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(10);
    }
  }

  @Test
  void anotherProtocolVersionIsRefused() throws Exception {
    try (RawClient client = connect()) {
      Request old =
          Request.of(Opcode.GET_NODE_LIST, RequestFlags.NONE, 0, read(0, 0).body())
              .withProtocolVersion(9)
              .withId(3);
      client.send(old, new byte[0]);
      Response response = client.readResponse();
      assertThat(response.id()).isEqualTo(3);
      assertThat(response.is(ResultCode.VER_MISMATCH)).isTrue();
    }
  }

  @Test
  void anUnknownOpcodeIsRefusedAndItsPayloadSkipped() throws Exception {
    try (RawClient client = connect()) {
      byte[] header = header(write(4, 1000));
      header[1] = 0x7f;
      client.send(header);
      client.send(new byte[1000]);
      Response response = client.readResponse();
      assertThat(response.id()).isEqualTo(4);
      assertThat(response.is(ResultCode.INVALID_PARMS)).isTrue();
      client.send(read(5, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(5);
    }
  }

  @Test
  void randomBytesNeitherReachTheNodeUnansweredNorStopTheServer() throws Exception {
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      try (RawClient client = connect()) {
        byte[] garbage = new byte[random.nextInt(300)];
        random.nextBytes(garbage);
        client.send(garbage);
      }
    }
    await().until(() -> server.connections() == 0);
    for (FakeHandler.Call call = node.calls.poll(); call != null; call = node.calls.poll()) {
      call.answer(new byte[0]);
    }
    try (RawClient client = connect()) {
      client.send(read(1, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(1);
    }
    await().until(() -> server.bytes() == 0);
  }

  @Test
  void aClientThatLeavesInTheMiddleOfARequestLeavesNothingBehind() throws Exception {
    try (RawClient client = connect()) {
      client.send(header(write(1, MIB)));
      client.send(new byte[MIB / 2]);
      await().until(() -> server.bytes() > MIB);
    }
    await().until(() -> server.connections() == 0 && server.bytes() == 0 && server.requests() == 0);
    assertThat(node.calls).isEmpty();
    assertThat(node.openSessions).hasValue(0);
  }

  @Test
  void repliesToAClientThatLeftAreDropped() throws Exception {
    FakeHandler.Call call;
    try (RawClient client = connect()) {
      client.send(read(1, 4096), new byte[0]);
      call = node.next();
    }
    await().until(() -> node.openSessions.get() == 0);
    assertThat(server.requests()).isEqualTo(1);
    call.answer(new byte[4096]);
    await().until(() -> server.requests() == 0 && server.bytes() == 0);
    await().until(() -> server.connections() == 0);
  }

  @Test
  void aClientThatEndsItsSideOfTheConnectionStillGetsItsReplies() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(1, 4), new byte[0]);
      client.send(read(2, 0), new byte[0]);
      client.endOutput();
      FakeHandler.Call first = node.next();
      FakeHandler.Call second = node.next();
      await().until(() -> node.openSessions.get() == 0);
      second.answer(new byte[0]);
      first.answer(new byte[] {1, 2, 3, 4});
      assertThat(client.readResponse().id()).isEqualTo(2);
      assertThat(client.readPayload(client.readResponse())).containsExactly(1, 2, 3, 4);
      assertThat(client.seesEnd()).isTrue();
    }
    await().until(() -> server.connections() == 0);
  }

  @Test
  void aRefusalReachesAClientThatHasEndedItsSideOfTheConnection() throws Exception {
    try (RawClient client = connect()) {
      byte[] unknown = header(read(4, 0));
      unknown[1] = 0x7f;
      client.send(unknown);
      client.endOutput();
      assertThat(client.readResponse().id()).isEqualTo(4);
      assertThat(client.seesEnd()).isTrue();
    }
  }

  @Test
  void whoHasMoreUnderWayThanIsReadCanBeCut() throws Exception {
    restart(
        new ServerLimits(10, 1, 64 * MIB, 64 * MIB, 64 * MIB, 64 * MIB, Duration.ofSeconds(10)));
    try (RawClient modest = connect();
        RawClient greedy = connect()) {
      modest.send(read(1, 0), new byte[0]);
      FakeHandler.Call kept = node.next();
      greedy.send(read(2, 0), new byte[0]);
      FakeHandler.Call dropped = node.next();
      greedy.send(read(3, 0), new byte[0]);
      await()
          .until(
              () -> {
                onLoop(server::cutUnread);
                return node.openSessions.get() == 1;
              });
      dropped.answer(new byte[0]);
      kept.answer(new byte[0]);
      assertThat(greedy.seesEnd()).isTrue();
      assertThat(modest.readResponse().id()).isEqualTo(1);
      assertThat(node.calls).isEmpty();
    }
    await().until(() -> server.connections() == 0 && server.bytes() == 0);
  }

  @Test
  void aFailedRequestIsASystemErrorAndTheConnectionGoesOn() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(1, 10), new byte[0]);
      node.next().fail(new IllegalStateException("planted"));
      assertThat(client.readResponse().is(ResultCode.SYSTEM_ERROR)).isTrue();
      client.send(read(2, 10), new byte[0]);
      node.next().answer(new byte[11]);
      Response tooLong = client.readResponse();
      assertThat(tooLong.is(ResultCode.SYSTEM_ERROR)).isTrue();
      assertThat(tooLong.dataLength()).isZero();
    }
  }

  @Test
  void requestsAboveTheConnectionsBoundWaitInTheSocket() throws Exception {
    restart(
        new ServerLimits(10, 2, 64 * MIB, 64 * MIB, 64 * MIB, 64 * MIB, Duration.ofSeconds(10)));
    try (RawClient client = connect()) {
      for (int id = 0; id < 5; id++) {
        client.send(read(id, 0), new byte[0]);
      }
      FakeHandler.Call first = node.next();
      FakeHandler.Call second = node.next();
      await().during(Duration.ofMillis(200)).until(node.calls::isEmpty);
      assertThat(server.requests()).isEqualTo(2);
      second.answer(new byte[0]);
      first.answer(new byte[0]);
      for (int i = 0; i < 3; i++) {
        node.next().answer(new byte[0]);
      }
      for (int i = 0; i < 5; i++) {
        assertThat(client.readResponse().isSuccess()).isTrue();
      }
    }
  }

  @Test
  void whatAllClientsHaveUnderWayIsBoundedAndPeersAreNotKeptOut() throws Exception {
    restart(new ServerLimits(10, 100, 64 * MIB, MIB, MIB, MIB, Duration.ofSeconds(10)));
    try (RawClient one = connect();
        RawClient two = connect();
        RawClient peer = connect()) {
      one.send(read(1, MIB), new byte[0]);
      FakeHandler.Call first = node.next();
      two.send(read(2, MIB), new byte[0]);
      await().during(Duration.ofMillis(200)).until(node.calls::isEmpty);
      peer.send(
          Request.of(Opcode.PEER_READ, RequestFlags.NONE, MIB, PeerBody.of(new ObjectId(1), 0, MIB))
              .withId(3),
          new byte[0]);
      FakeHandler.Call ofPeer = node.next();
      assertThat(ofPeer.request().id()).isEqualTo(3);
      ofPeer.answer(new byte[0]);
      first.answer(new byte[0]);
      FakeHandler.Call second = node.next();
      assertThat(second.request().id()).isEqualTo(2);
      second.answer(new byte[0]);
      assertThat(two.readResponse().id()).isEqualTo(2);
    }
  }

  @Test
  void aClientThatWaitsInLineAndLeavesDoesNotBlockTheOthers() throws Exception {
    restart(new ServerLimits(10, 100, 64 * MIB, MIB, MIB, MIB, Duration.ofSeconds(10)));
    try (RawClient one = connect();
        RawClient three = connect()) {
      one.send(read(1, MIB), new byte[0]);
      FakeHandler.Call first = node.next();
      try (RawClient two = connect()) {
        two.send(read(2, MIB), new byte[0]);
        await().until(() -> server.connections() == 3);
      }
      three.send(read(3, MIB), new byte[0]);
      // The JDK's selector does not tell that a socket closed which is not being read.
      await().until(() -> io == NettyIo.NIO || server.connections() == 2);
      first.answer(new byte[0]);
      FakeHandler.Call next = node.next();
      if (next.request().id() == 2) {
        next.answer(new byte[0]);
        next = node.next();
      }
      assertThat(next.request().id()).isEqualTo(3);
      next.answer(new byte[0]);
      assertThat(three.readResponse().id()).isEqualTo(3);
    }
  }

  @Test
  void aSlowReaderIsNotBufferedFor() throws Exception {
    restart(
        new ServerLimits(10, 100, 8 * MIB, 64 * MIB, 64 * MIB, 64 * MIB, Duration.ofSeconds(10)));
    try (RawClient client = connect()) {
      for (int id = 0; id < 64; id++) {
        client.send(read(id, MIB), new byte[0]);
      }
      int answered = 0;
      for (FakeHandler.Call call = node.calls.poll(1, TimeUnit.SECONDS);
          call != null;
          call = node.calls.poll(1, TimeUnit.SECONDS)) {
        call.answer(new byte[MIB]);
        answered++;
      }
      assertThat(answered)
          .as("the reader's socket buffers hold some, the rest waits")
          .isLessThan(60);
      assertThat(server.bytes()).isLessThanOrEqualTo(8L * MIB);
      for (int i = 0; i < 64; i++) {
        if (i >= answered) {
          node.next().answer(new byte[MIB]);
        }
        Response response = client.readResponse();
        assertThat(client.readPayload(response)).hasSize(MIB);
      }
    }
  }

  @Test
  void diskWorkIsPausedAndAdministrationIsNot() throws Exception {
    onLoop(() -> server.pauseDiskWork(true));
    try (RawClient client = connect();
        RawClient admin = connect()) {
      client.send(read(1, 0), new byte[0]);
      admin.send(Request.of(Opcode.READ_VDIS, read(0, 0).body()).withId(2), new byte[0]);
      FakeHandler.Call call = node.next();
      assertThat(call.request().id()).isEqualTo(2);
      call.answer(new byte[0]);
      assertThat(node.calls).isEmpty();
      onLoop(() -> server.pauseDiskWork(false));
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(1);
    }
  }

  @Test
  void questionsAboutLeasesAreAnsweredWhileDiskWorkIsPaused() throws Exception {
    onLoop(() -> server.pauseDiskWork(true));
    try (RawClient peer = connect()) {
      peer.send(Request.of(Opcode.PEER_LEASE, new LeaseBody(1, 2)).withId(3), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(peer.readResponse().id()).isEqualTo(3);
    }
  }

  @Test
  void connectionsAboveTheBoundAreClosedAtOnce() throws Exception {
    restart(new ServerLimits(1, 100, MIB, MIB, MIB, MIB, Duration.ofSeconds(10)));
    try (RawClient one = connect()) {
      await().until(() -> server.connections() == 1);
      try (RawClient two = connect()) {
        assertThat(two.seesEnd()).isTrue();
      }
      one.send(read(1, 0), new byte[0]);
      node.next().answer(new byte[0]);
      assertThat(one.readResponse().id()).isEqualTo(1);
    }
  }

  @Test
  void stoppingAnswersWhatIsUnderWayAndTakesNothingNew() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(1, 8), new byte[0]);
      FakeHandler.Call call = node.next();
      CompletableFuture<Void> idle = new CompletableFuture<>();
      onLoop(
          () -> {
            server.stopAccepting();
            server.whenIdle(() -> idle.complete(null));
          });
      client.send(read(2, 8), new byte[0]);
      assertThat(idle).isNotDone();
      call.answer(new byte[8]);
      idle.get(10, TimeUnit.SECONDS);
      assertThat(client.readPayload(client.readResponse())).hasSize(8);
      assertThat(node.calls).isEmpty();
      await()
          .untilAsserted(
              () -> assertThatThrownBy(this::connect).hasMessageContaining("Connection refused"));
    }
  }
}
