package io.sheepdog.daemon.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.client.ClientOptions;
import io.sheepdog.client.NettyIo;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(30)
@ExtendWith(NoLeaks.class)
class PeerTransportTest {
  private static final Duration DEADLINE = Duration.ofMillis(300);

  private final NettyIo io = NettyIo.best();
  private final MultiThreadIoEventLoopGroup group = io.newEventLoops(1, "transport-test");
  private final EventLoop loop = group.next();
  private final FakeHandler node = new FakeHandler(loop);
  private final SheepServer server = new SheepServer(io, loop, ServerLimits.DEFAULTS);
  private final PeerTransport transport =
      new PeerTransport(io, loop, ClientOptions.DEFAULTS.withDeadline(DEADLINE), 7);
  private NodeAddress peer = NodeAddress.NONE;

  @BeforeEach
  void listen() throws Exception {
    int port = server.listenTcp(null, 0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    peer = NodeAddress.parse("127.0.0.1:" + port);
    onLoop(
        () -> {
          server.serve(node);
          return true;
        });
  }

  @AfterEach
  void stop() throws Exception {
    onLoop(
        () -> {
          transport.close();
          server.close();
          return true;
        });
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  private CompletableFuture<Reply> send(NodeAddress to, Request request, ByteBuf payload)
      throws Exception {
    return onLoop(() -> transport.send(to, request, payload).toCompletableFuture());
  }

  private static void assertNetworkError(CompletableFuture<Reply> stage) throws Exception {
    Reply reply = stage.get(10, TimeUnit.SECONDS);
    assertThat(reply.header().is(ResultCode.NETWORK_ERROR)).isTrue();
    reply.release();
  }

  @Test
  void aRequestReachesThePeerAndTheCallerKeepsItsBuffer() throws Exception {
    ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(4).writeInt(0x01020304);

    CompletableFuture<Reply> reply = send(peer, RawClient.write(0, 4), data);
    FakeHandler.Call call = node.next();
    call.answer(new byte[0]);

    assertThat(call.payload()).containsExactly(1, 2, 3, 4);
    assertThat(reply.get(10, TimeUnit.SECONDS).header().isSuccess()).isTrue();
    assertThat(data.refCnt()).isEqualTo(1);
    data.release();
  }

  @Test
  void questionsAboutLeasesHaveAConnectionOfTheirOwn() throws Exception {
    CompletableFuture<Reply> write =
        send(peer, RawClient.write(0, 4), Unpooled.wrappedBuffer(new byte[4]));
    FakeHandler.Call first = node.next();
    CompletableFuture<Reply> lease =
        send(peer, Request.of(Opcode.PEER_LEASE, new LeaseBody(7, 5)), Unpooled.EMPTY_BUFFER);
    node.next().answer(new byte[0]);
    assertThat(lease.get(10, TimeUnit.SECONDS).header().isSuccess()).isTrue();
    assertThat(node.opened).hasSize(2);
    first.answer(new byte[0]);
    assertThat(write.get(10, TimeUnit.SECONDS).header().isSuccess()).isTrue();
  }

  @Test
  void silenceIsANetworkErrorAtTheDeadline() throws Exception {
    CompletableFuture<Reply> reply = send(peer, RawClient.read(0, 8), Unpooled.EMPTY_BUFFER);
    FakeHandler.Call call = node.next();

    assertNetworkError(reply);
    call.answer(new byte[8]);
  }

  @Test
  void nobodyListeningIsANetworkError() throws Exception {
    assertNetworkError(
        send(NodeAddress.parse("127.0.0.1:1"), RawClient.read(0, 8), Unpooled.EMPTY_BUFFER));
  }

  @Test
  void aMemberThatLeftIsANetworkErrorAtOnceAndMayComeBack() throws Exception {
    CompletableFuture<Reply> reply = send(peer, RawClient.read(0, 8), Unpooled.EMPTY_BUFFER);
    FakeHandler.Call call = node.next();
    onLoop(
        () -> {
          transport.retainOnly(Set.of());
          return true;
        });
    assertNetworkError(reply);
    call.answer(new byte[8]);

    CompletableFuture<Reply> again = send(peer, RawClient.read(0, 0), Unpooled.EMPTY_BUFFER);
    node.next().answer(new byte[0]);
    assertThat(again.get(10, TimeUnit.SECONDS).header().isSuccess()).isTrue();
  }

  @Test
  void afterClosingEverythingIsANetworkError() throws Exception {
    onLoop(
        () -> {
          transport.close();
          return true;
        });
    assertNetworkError(send(peer, RawClient.read(0, 8), Unpooled.EMPTY_BUFFER));
  }

  @Test
  void whereNobodyListensTheDaemonHasEnded() throws Exception {
    assertThat(hasEnded(NodeAddress.parse("127.0.0.1:1"), 5)).isTrue();
  }

  @Test
  void whoAnswersThatItIsAMemberHasNotEndedUnlessItIsAnotherIncarnation() throws Exception {
    CompletableFuture<Boolean> same = look(peer, 5);
    node.next().answer(new PeerReply(5, 0, 0));
    assertThat(same.get(10, TimeUnit.SECONDS)).isFalse();
    CompletableFuture<Boolean> another = look(peer, 5);
    node.next().answer(new PeerReply(6, 0, 0));
    assertThat(another.get(10, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Boolean> noMember = look(peer, 5);
    node.next().answer(new PeerReply(0, 0, 0));
    assertThat(noMember.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoListensAndDoesNotAnswerMayBeRunning() throws Exception {
    CompletableFuture<Boolean> look = look(peer, 5);
    FakeHandler.Call call = node.next();
    assertThat(look.get(10, TimeUnit.SECONDS)).isFalse();
    call.answer(new byte[0]);
  }

  private boolean hasEnded(NodeAddress address, long incarnation) throws Exception {
    return look(address, incarnation).get(10, TimeUnit.SECONDS);
  }

  private CompletableFuture<Boolean> look(NodeAddress address, long incarnation) throws Exception {
    return onLoop(() -> transport.hasEnded(address, incarnation).toCompletableFuture());
  }
}
