package io.sheepdog.client;

import static io.sheepdog.client.Requests.bytes;
import static io.sheepdog.client.Requests.read;
import static io.sheepdog.client.Requests.take;
import static io.sheepdog.client.Requests.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.message.Request;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@ExtendWith(NoLeaks.class)
class ToolConnectionTest {
  private static final ByteBuf NOTHING = Unpooled.EMPTY_BUFFER;
  private static final ToolOptions OPTIONS = ToolOptions.DEFAULTS;
  private static final ToolOptions IMPATIENT =
      OPTIONS.withTimeouts(Duration.ofSeconds(2), Duration.ofMillis(200));

  private interface Script {
    void run(FakeSheep.Peer peer) throws Exception;
  }

  /** Plays the daemon on a thread of its own; join to learn of its failures. */
  private static CompletableFuture<Void> play(FakeSheep sheep, Script script) {
    return CompletableFuture.runAsync(
        () -> {
          try (FakeSheep.Peer peer = sheep.accept()) {
            script.run(peer);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aCallGetsItsReply() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                Request request = peer.readRequest();
                peer.reply(request, bytes(request.dataLength(), 1));
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        assertThat(take(connection.call(read(5 << 20), NOTHING))).isEqualTo(bytes(5 << 20, 1));
      }
      daemon.join();
    }
  }

  @Test
  void whatIsAnsweredFirstIsToldFirst() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                List<Request> requests = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                  requests.add(peer.readRequest());
                }
                for (int i : new int[] {1, 2, 0}) {
                  peer.reply(requests.get(i), bytes(requests.get(i).dataLength(), i));
                }
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        int first = connection.submit(read(10), NOTHING);
        int second = connection.submit(read(11), NOTHING);
        int third = connection.submit(read(12), NOTHING);
        assertThat(connection.awaitAny()).isEqualTo(second);
        assertThat(connection.awaitAny()).isEqualTo(second);
        assertThat(take(connection.await(second))).isEqualTo(bytes(11, 1));
        assertThat(take(connection.await(first))).isEqualTo(bytes(10, 0));
        assertThat(connection.awaitAny()).isEqualTo(third);
        assertThat(take(connection.await(third))).isEqualTo(bytes(12, 2));
        assertThatThrownBy(connection::awaitAny).isInstanceOf(IllegalArgumentException.class);
      }
      daemon.join();
    }
  }

  @Test
  void submittedRequestsMayBeAnsweredInAnyOrder() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                List<Request> requests = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                  requests.add(peer.readRequest());
                }
                for (int i = 9; i >= 0; i--) {
                  peer.reply(requests.get(i), bytes(requests.get(i).dataLength(), i));
                }
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          ids.add(connection.submit(read(10 + i), NOTHING));
        }
        for (int i = 0; i < 10; i++) {
          assertThat(take(connection.await(ids.get(i)))).isEqualTo(bytes(10 + i, i));
        }
      }
      daemon.join();
    }
  }

  @Test
  void manyLargeWritesDoNotLockUpWithADaemonThatAnswersBeforeItReadsOn() throws Exception {
    byte[] data = bytes(4 << 20, 1);
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                for (int i = 0; i < 8; i++) {
                  Request read = peer.readRequest();
                  peer.reply(read, data);
                  Request write = peer.readRequest();
                  assertThat(peer.readPayload(write)).isEqualTo(data);
                  peer.reply(write);
                }
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          ids.add(connection.submit(read(data.length), NOTHING));
          ids.add(connection.submit(write(data.length), Unpooled.wrappedBuffer(data)));
        }
        for (int i = 0; i < 16; i++) {
          assertThat(take(connection.await(ids.get(i)))).hasSize(i % 2 == 0 ? data.length : 0);
        }
      }
      daemon.join();
    }
  }

  @Test
  void nobodyListeningIsSaidWithAddressAndReason() throws Exception {
    // bound, so that nobody else can listen there, but not listening
    try (Socket taken = new Socket()) {
      taken.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> ToolConnection.open(Endpoint.tcp("127.0.0.1", port), OPTIONS))
          .isInstanceOf(ConnectFailedException.class)
          .hasMessage("failed to connect to 127.0.0.1:" + port + ": Connection refused");
    }
  }

  @Test
  void unknownHostIsSaid() {
    assertThatThrownBy(
            () -> ToolConnection.open(Endpoint.tcp("no-such-host.invalid", 7100), OPTIONS))
        .isInstanceOf(ConnectFailedException.class)
        .hasMessage("failed to connect to no-such-host.invalid:7100: unknown host");
  }

  @Test
  void missingUnixSocketIsSaid(@TempDir Path directory) {
    Path socket = directory.resolve("sock");
    assertThatThrownBy(() -> ToolConnection.open(Endpoint.unix(socket), OPTIONS))
        .isInstanceOf(ConnectFailedException.class)
        .hasMessage("failed to connect to " + socket + ": No such file or directory");
  }

  @Test
  void unixSocketWorks(@TempDir Path directory) throws Exception {
    try (FakeSheep sheep = FakeSheep.onUnixSocket(directory.resolve("sock"))) {
      CompletableFuture<Void> daemon =
          play(sheep, peer -> peer.reply(peer.readRequest(), bytes(8, 1)));
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        assertThat(take(connection.call(read(8), NOTHING))).isEqualTo(bytes(8, 1));
      }
      daemon.join();
    }
  }

  @Test
  void silenceEndsAtTheDeadline() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0);
        ToolConnection connection = ToolConnection.open(sheep.endpoint(), IMPATIENT)) {
      assertThatThrownBy(() -> connection.call(read(8), NOTHING))
          .isInstanceOf(DeadlineExceededException.class)
          .hasMessage("no reply from " + sheep.endpoint() + " within 200 ms");
      sheep.accept().close();
    }
  }

  @Test
  void breakInTheMiddleOfAReplyIsSaid() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                ByteRecorder recorder = new ByteRecorder();
                recorder.reply(peer.readRequest(), bytes(1000, 1));
                peer.write(Arrays.copyOf(recorder.bytes(), 500));
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        assertThatThrownBy(() -> connection.call(read(1000), NOTHING))
            .isInstanceOf(ConnectionLostException.class)
            .hasMessageContaining("closed by the other side");
        assertThatThrownBy(() -> connection.call(read(1000), NOTHING))
            .isInstanceOf(ConnectionLostException.class);
      }
      daemon.join();
    }
  }

  @Test
  void garbageIsRefused() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                peer.readRequest();
                byte[] garbage = new byte[Limits.HEADER_SIZE];
                Arrays.fill(garbage, (byte) 0xff);
                peer.write(garbage);
              });
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), OPTIONS)) {
        assertThatThrownBy(() -> connection.call(read(8), NOTHING))
            .isInstanceOf(ConnectionLostException.class)
            .hasMessageContaining("garbage received");
      }
      daemon.join();
    }
  }

  @Test
  void boundOnWhatIsUnderWayIsSaidAndHarmless() throws Exception {
    try (FakeSheep sheep = FakeSheep.onPort(0)) {
      CompletableFuture<Void> daemon =
          play(
              sheep,
              peer -> {
                peer.reply(peer.readRequest());
                peer.reply(peer.readRequest());
              });
      ToolOptions one = new ToolOptions(Duration.ofSeconds(5), Duration.ofSeconds(5), 1, 100);
      try (ToolConnection connection = ToolConnection.open(sheep.endpoint(), one)) {
        int id = connection.submit(read(8), NOTHING);
        assertThatThrownBy(() -> connection.submit(read(8), NOTHING))
            .isInstanceOf(OverloadedException.class);
        take(connection.await(id));
        take(connection.call(read(8), NOTHING));
      }
      daemon.join();
    }
  }
}
