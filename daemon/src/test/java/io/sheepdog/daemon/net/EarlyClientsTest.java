package io.sheepdog.daemon.net;

import static io.sheepdog.daemon.net.RawClient.read;
import static io.sheepdog.daemon.net.RawClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.client.NettyIo;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.absence.EarlyRequests;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections to a daemon that is not a member of the cluster. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
final class EarlyClientsTest {
  private static final int KIB = 1 << 10;
  private static final int BOUND = 1 << 20;

  private final Absence absence = new Absence();
  private final EarlyRequests early = new EarlyRequests(absence, () -> {});
  private MultiThreadIoEventLoopGroup group;
  private FakeHandler node;
  private SheepServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    NettyIo io = NettyIo.best();
    group = io.newEventLoops(1, "early-test");
    node = new FakeHandler(group.next());
    server =
        new SheepServer(
            io,
            group.next(),
            new ServerLimits(100, 1000, 64 * BOUND, BOUND, BOUND, BOUND, Duration.ofSeconds(10)));
    port = server.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    onLoop(() -> server.serve(early));
  }

  @AfterEach
  void stop() throws Exception {
    onLoop(server::close);
    await().until(() -> server.connections() == 0);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }

  private void onLoop(Runnable task) throws Exception {
    group.next().submit(task).get(10, TimeUnit.SECONDS);
  }

  private RawClient connect() throws IOException {
    return new RawClient(InetAddress.getByName("127.0.0.1"), port);
  }

  private String status() throws IOException {
    try (RawClient tool = connect()) {
      Request question = Request.of(Opcode.NODE_STATUS, RequestFlags.NONE, 4096, RawBody.EMPTY);
      tool.send(question, new byte[0]);
      return new String(tool.readPayload(tool.readResponse()), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatWaitsIsBoundedHoweverMuchIsSentAndToolsStillGetThrough() throws Exception {
    try (RawClient flood = connect()) {
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> sendWrites(flood, 256, 256 * KIB));
      await().until(() -> server.bytes() > BOUND / 2);
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(5))
          .until(() -> server.bytes() <= BOUND);
      assertThat(sent).isNotDone();
      assertThat(status()).isEqualTo(absence.sentence());

      onLoop(server::cutUnread);
      onLoop(() -> early.handOver(node));
      assertThat(sent).failsWithin(Duration.ofSeconds(10));
    }
    await().until(() -> server.bytes() == 0 && server.requests() == 0);
    assertThat(node.calls).isEmpty();
  }

  private static void sendWrites(RawClient client, int count, int length) {
    try {
      for (int id = 0; id < count; id++) {
        client.send(write(id, length), new byte[length]);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server ended the connection", e);
    }
  }

  @Test
  void clientsThatComeAndGoLeaveNothingBehind() throws Exception {
    for (int i = 0; i < 200; i++) {
      try (RawClient client = connect()) {
        client.send(write(1, KIB), new byte[KIB]);
      }
    }
    await().until(() -> server.connections() == 0 && server.bytes() == 0);
    onLoop(() -> early.handOver(node));
    assertThat(node.calls).isEmpty();
    assertThat(node.opened).isEmpty();
  }

  @Test
  void aClientThatOnlyEndedItsSideHearsThatTheNodeWaits() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(7, 0), new byte[0]);
      client.endOutput();
      Response response = client.readResponse();
      assertThat(response.id()).isEqualTo(7);
      assertThat(response.is(ResultCode.WAIT_FOR_JOIN)).isTrue();
      assertThat(client.seesEnd()).isTrue();
    }
  }

  @Test
  void aClientThatWaitsIsAnsweredByTheMember() throws Exception {
    try (RawClient client = connect()) {
      client.send(read(7, 0), new byte[0]);
      await().until(() -> server.requests() == 1);
      onLoop(() -> early.handOver(node));
      node.next().answer(new byte[0]);
      assertThat(client.readResponse().id()).isEqualTo(7);
    }
  }
}
