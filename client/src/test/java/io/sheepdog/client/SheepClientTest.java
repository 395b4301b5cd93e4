package io.sheepdog.client;

import static io.sheepdog.client.Requests.bytes;
import static io.sheepdog.client.Requests.read;
import static io.sheepdog.client.Requests.take;
import static io.sheepdog.client.Requests.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
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
class SheepClientTest {
  private static final ByteBuf NOTHING = Unpooled.EMPTY_BUFFER;
  private static final ClientOptions OPTIONS =
      ClientOptions.DEFAULTS.withDeadline(Duration.ofSeconds(10));
  private static final ClientOptions IMPATIENT =
      ClientOptions.DEFAULTS.withDeadline(Duration.ofMillis(150));

  private final NettyIo io;
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final List<SheepClient> clients = new ArrayList<>();

  SheepClientTest(NettyIo io) {
    this.io = io;
    this.group = io.newEventLoops(1, "client-test");
    this.loop = group.next();
  }

  @AfterEach
  void stop() throws InterruptedException {
    clients.forEach(SheepClient::close);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }

  private SheepClient client(Endpoint endpoint, ClientOptions options) {
    SheepClient client = new SheepClient(endpoint, options, io, loop);
    clients.add(client);
    return client;
  }

  private static Reply get(CompletionStage<Reply> stage) throws Exception {
    return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletionStage<Reply> stage) throws Exception {
    try {
      get(stage).release();
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
    throw new AssertionError("a reply came");
  }

  @Test
  void pipelinedRequestsGetTheirOwnRepliesInWhateverOrder() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      List<CompletionStage<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        replies.add(client.send(read(100 + i), NOTHING));
      }
      FakeSheep.Peer peer = sheep.accept();
      List<Request> requests = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        requests.add(peer.readRequest());
      }
      for (int i = 49; i >= 0; i--) {
        peer.reply(
            requests.get(i), bytes(requests.get(i).dataLength(), requests.get(i).dataLength()));
      }
      for (int i = 0; i < 50; i++) {
        assertThat(take(get(replies.get(i)))).isEqualTo(bytes(100 + i, 100 + i));
      }
      assertThat(client.inFlightRequests()).isZero();
      assertThat(client.inFlightBytes()).isZero();
      peer.close();
    }
  }

  @Test
  void largePayloadsArriveWholeInBothDirections() throws Exception {
    byte[] data = bytes(4 << 20, 7);
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      ByteBuf payload = PooledByteBufAllocator.DEFAULT.directBuffer(data.length).writeBytes(data);
      CompletionStage<Reply> written = client.send(write(data.length), payload);
      CompletionStage<Reply> readBack = client.send(read(data.length), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      Request write = peer.readRequest();
      byte[] received = peer.readPayload(write);
      assertThat(received).isEqualTo(data);
      Request read = peer.readRequest();
      peer.reply(read, received);
      peer.reply(write);
      assertThat(take(get(readBack))).isEqualTo(data);
      assertThat(take(get(written))).isEmpty();
      assertThat(payload.refCnt()).as("the caller's own reference").isEqualTo(1);
      payload.release();
      peer.close();
    }
  }

  @Test
  void repliesThatArriveByteByByteAreComplete() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      CompletionStage<Reply> first = client.send(read(3), NOTHING);
      CompletionStage<Reply> second = client.send(read(0), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      ByteRecorder recorder = new ByteRecorder();
      recorder.reply(peer.readRequest(), new byte[] {1, 2, 3});
      recorder.reply(peer.readRequest(), new byte[0]);
      for (byte one : recorder.bytes()) {
        peer.write(new byte[] {one});
      }
      assertThat(take(get(first))).containsExactly(1, 2, 3);
      assertThat(take(get(second))).isEmpty();
      peer.close();
    }
  }

  @Test
  void requestsUnderWayAtABreakEndAsLostAndLaterOnesUseTheNextConnection() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      CompletionStage<Reply> lost = client.send(read(8), NOTHING);
      FakeSheep.Peer first = sheep.accept();
      first.readRequest();
      first.close();
      assertThat(failure(lost))
          .isInstanceOf(ConnectionLostException.class)
          .hasMessageContaining(sheep.endpoint().toString());
      CompletionStage<Reply> later = client.send(read(8), NOTHING);
      FakeSheep.Peer second = sheep.accept();
      second.reply(second.readRequest(), bytes(8, 1));
      assertThat(take(get(later))).isEqualTo(bytes(8, 1));
      assertThat(client.inFlightRequests()).isZero();
      second.close();
    }
  }

  @Test
  void requestWaitsForADaemonThatIsNotUpYet() throws Exception {
    int port;
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      port = sheep.port();
    }
    SheepClient client = client(Endpoint.tcp("127.0.0.1", port), OPTIONS);
    CompletionStage<Reply> reply = client.send(read(8), NOTHING);
    Awaitility.await()
        .during(Duration.ofMillis(200))
        .until(() -> !reply.toCompletableFuture().isDone());
    try (FakeSheep sheep = FakeSheep.onPort(port)) {
      FakeSheep.Peer peer = sheep.accept();
      peer.reply(peer.readRequest(), bytes(8, 2));
      assertThat(take(get(reply))).isEqualTo(bytes(8, 2));
      peer.close();
    }
  }

  @Test
  void requestToNobodyEndsWithAddressAndReason() throws Exception {
    // bound, so that nobody else can listen there, but not listening
    try (Socket taken = new Socket()) {
      taken.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = taken.getLocalPort();
      SheepClient client = client(Endpoint.tcp("127.0.0.1", port), IMPATIENT);
      assertThat(failure(client.send(read(8), NOTHING)))
          .isInstanceOf(ConnectFailedException.class)
          .hasMessage("failed to connect to 127.0.0.1:" + port + ": Connection refused");
      assertThat(client.inFlightRequests()).isZero();
    }
  }

  @Test
  void lateReplyIsDroppedAndTheConnectionGoesOn() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), IMPATIENT);
      CompletionStage<Reply> late = client.send(read(100_000), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      Request slow = peer.readRequest();
      assertThat(failure(late)).isInstanceOf(DeadlineExceededException.class);
      assertThat(client.inFlightBytes()).isZero();
      CompletionStage<Reply> next = client.send(read(8), NOTHING, Duration.ofSeconds(10));
      Request quick = peer.readRequest();
      assertThat(quick.id()).isNotEqualTo(slow.id());
      peer.reply(slow, bytes(100_000, 3));
      peer.reply(quick, bytes(8, 4));
      assertThat(take(get(next))).isEqualTo(bytes(8, 4));
      peer.close();
    }
  }

  @Test
  void replyThatStopsInTheMiddleMissesTheDeadlineToo() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), IMPATIENT);
      CompletionStage<Reply> half = client.send(read(100_000), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      ByteRecorder recorder = new ByteRecorder();
      recorder.reply(peer.readRequest(), bytes(100_000, 3));
      byte[] all = recorder.bytes();
      peer.write(Arrays.copyOf(all, all.length / 2));
      assertThat(failure(half)).isInstanceOf(DeadlineExceededException.class);
      peer.close();
    }
  }

  @Test
  void tooManyRequestsFailAtOnceUntilRepliesCome() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS.withBounds(2, 1 << 20));
      CompletionStage<Reply> first = client.send(read(1), NOTHING);
      CompletionStage<Reply> second = client.send(read(2), NOTHING);
      assertThat(failure(client.send(read(3), NOTHING))).isInstanceOf(OverloadedException.class);
      FakeSheep.Peer peer = sheep.accept();
      peer.reply(peer.readRequest(), bytes(1, 1));
      take(get(first));
      CompletionStage<Reply> third = client.send(read(3), NOTHING);
      peer.reply(peer.readRequest(), bytes(2, 2));
      peer.reply(peer.readRequest(), bytes(3, 3));
      assertThat(take(get(second))).hasSize(2);
      assertThat(take(get(third))).hasSize(3);
      peer.close();
    }
  }

  @Test
  void tooManyBytesFailAtOnceButOneLargeRequestIsLetThrough() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS.withBounds(100, 1000));
      CompletionStage<Reply> large = client.send(read(5000), NOTHING);
      assertThat(failure(client.send(read(1), NOTHING))).isInstanceOf(OverloadedException.class);
      FakeSheep.Peer peer = sheep.accept();
      peer.reply(peer.readRequest(), bytes(5000, 1));
      assertThat(take(get(large))).hasSize(5000);
      peer.close();
    }
  }

  @Test
  void payloadThatDoesNotFitItsHeaderIsTheCallersMistake() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      assertThatThrownBy(() -> client.send(write(10), NOTHING))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("announces 10 payload bytes, there are 0");
    }
  }

  @Test
  void replyNobodyAskedForBreaksTheConnection() throws Exception {
    garbageEndsAsLost(
        (peer, request) -> peer.reply(request.withId(request.id() + 77)), "not asked for");
  }

  @Test
  void replyLargerThanItsRoomBreaksTheConnection() throws Exception {
    garbageEndsAsLost((peer, request) -> peer.reply(request, new byte[9]), "room for 8");
  }

  @Test
  void announcedFourGigabytesBreakTheConnectionWithoutAllocation() throws Exception {
    garbageEndsAsLost(
        (peer, request) -> {
          ByteRecorder recorder = new ByteRecorder();
          recorder.reply(request, new byte[0]);
          byte[] header = recorder.bytes();
          Arrays.fill(header, 12, 16, (byte) 0xff);
          peer.write(header);
        },
        "at most " + Limits.MAX_PAYLOAD + " are allowed");
  }

  private interface Garbage {
    void answer(FakeSheep.Peer peer, Request request) throws IOException;
  }

  private void garbageEndsAsLost(Garbage garbage, String why) throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      CompletionStage<Reply> reply = client.send(read(8), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      garbage.answer(peer, peer.readRequest());
      assertThat(failure(reply))
          .isInstanceOf(ConnectionLostException.class)
          .hasMessageContaining(why);
      assertThat(peer.seesEnd()).isTrue();
      peer.close();
    }
  }

  @Test
  void closingEndsWhatIsUnderWay() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      byte[] data = bytes(1 << 20, 1);
      CompletionStage<Reply> open = client.send(write(data.length), Unpooled.wrappedBuffer(data));
      FakeSheep.Peer peer = sheep.accept();
      client.close();
      assertThat(failure(open)).isInstanceOf(ClientClosedException.class);
      assertThat(failure(client.send(read(8), NOTHING))).isInstanceOf(ClientClosedException.class);
      assertThat(client.inFlightRequests()).isZero();
      peer.close();
    }
  }

  @Test
  void unixSocketsWorkTheSame(@TempDir Path directory) throws Exception {
    try (FakeSheep sheep = FakeSheep.onUnixSocket(directory.resolve("sock"))) {
      SheepClient client = client(sheep.endpoint(), OPTIONS);
      CompletionStage<Reply> reply = client.send(read(70_000), NOTHING);
      FakeSheep.Peer peer = sheep.accept();
      peer.reply(peer.readRequest(), bytes(70_000, 1));
      assertThat(take(get(reply))).isEqualTo(bytes(70_000, 1));
      peer.close();
    }
  }

  @Test
  void hostNamesAreRefusedBecauseLookingThemUpBlocks() {
    assertThatThrownBy(() -> client(Endpoint.tcp("localhost", 7100), OPTIONS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'localhost' is not a numeric address");
  }
}
