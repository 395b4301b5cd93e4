package io.sheepdog.daemon.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.client.NettyIo;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a daemon had sent on a connection that it gave up must not be carried out after what it sent
 * later.
 */
@Timeout(30)
class PeerGreetingsTest {
  private static final byte[] NOTHING = {};
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private final MultiThreadIoEventLoopGroup group =
      NettyIo.best().newEventLoops(1, "greetings-test");
  private final FakeHandler node = new FakeHandler(group.next());
  private final SheepServer server =
      new SheepServer(NettyIo.best(), group.next(), ServerLimits.DEFAULTS);
  private int port;

  @BeforeEach
  void listen() throws Exception {
    port = server.listenTcp(null, 0).toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    onLoop(() -> server.serve(node));
  }

  @AfterEach
  void stop() throws Exception {
    onLoop(server::close);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }

  private void onLoop(Runnable task) throws Exception {
    group.next().submit(task).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aLaterConnectionOfTheSameDaemonEndsTheEarlierOne() throws Exception {
    try (RawClient first = greeted(7, 1);
        RawClient second = greeted(7, 2)) {
      assertThatThrownBy(first::readResponse)
          .isInstanceOfAny(ProtocolException.class, SocketException.class);
      second.send(RawClient.read(5, 0), NOTHING);
      node.next().answer(NOTHING);
      assertThat(second.readResponse().id()).isEqualTo(5);
    }
  }

  @Test
  void anEarlierConnectionThatTurnsUpLateIsNotServed() throws Exception {
    try (RawClient second = greeted(7, 2)) {
      try (RawClient first = connect()) {
        assertThatThrownBy(
                () -> {
                  // the server may hang up as early as between these two
                  first.send(hello(7, 1), NOTHING);
                  first.send(RawClient.write(1, 3), new byte[3]);
                  first.readResponse();
                  first.readResponse();
                })
            .isInstanceOfAny(ProtocolException.class, SocketException.class);
      }
      second.send(RawClient.read(5, 0), NOTHING);
      FakeHandler.Call only = node.next();
      assertThat(only.payload()).isEmpty();
      only.answer(NOTHING);
      assertThat(second.readResponse().id()).isEqualTo(5);
    }
  }

  @Test
  void connectionsOfOtherDaemonsAreLeftAlone() throws Exception {
    try (RawClient one = greeted(7, 1);
        RawClient other = greeted(8, 2)) {
      one.send(RawClient.read(3, 0), NOTHING);
      node.next().answer(NOTHING);
      assertThat(one.readResponse().id()).isEqualTo(3);
      assertThat(other).isNotNull();
    }
  }

  private RawClient greeted(long incarnation, long number) throws IOException {
    RawClient client = connect();
    client.send(hello(incarnation, number), NOTHING);
    assertThat(client.readResponse().isSuccess()).isTrue();
    return client;
  }

  private RawClient connect() throws IOException {
    return new RawClient(InetAddress.getLoopbackAddress(), port);
  }

  private static Request hello(long incarnation, long number) {
    return Request.of(Opcode.PEER_HELLO, new SequenceBody(number, 0, incarnation));
  }
}
