package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Carries requests to other nodes; a node can be made silent (nothing arrives until it is let go)
 * or unreachable.
 */
final class TestTransport implements Transport {
  private static final long HOP = 50_000;

  private final TestCluster cluster;
  private final TestNode from;
  private final List<Runnable> held = new ArrayList<>();
  int sent;

  /** Bytes of payload. */
  long bytes;

  TestTransport(TestCluster cluster, TestNode from) {
    this.cluster = cluster;
    this.from = from;
  }

  /** What keeps requests from arriving at a node. */
  enum Trouble {
    NONE,
    SILENT,
    UNREACHABLE
  }

  private final Trouble[] troubles = new Trouble[16];

  void trouble(TestNode with, Trouble trouble) {
    troubles[with.number] = trouble;
    if (trouble != Trouble.SILENT) {
      List<Runnable> now = new ArrayList<>(held);
      held.clear();
      now.forEach(Runnable::run);
    }
  }

  @Override
  public CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload) {
    sent++;
    bytes += payload.readableBytes();
    CompletableFuture<Reply> result = new CompletableFuture<>();
    TestNode target =
        cluster.nodes.stream().filter(n -> n.address.equals(to)).reduce((a, b) -> b).orElseThrow();
    if (target == from) {
      throw new AssertionError("a node sent a request to itself");
    }
    ByteBuf carried = payload.retainedDuplicate();
    Runnable arrival =
        () -> cluster.queue.after(HOP, () -> arrive(target, request, carried, result));
    if (troubles[target.number] == Trouble.SILENT) {
      held.add(arrival);
    } else {
      arrival.run();
    }
    return result;
  }

  @Override
  public CompletionStage<Boolean> hasEnded(NodeAddress address, long incarnation) {
    throw new AssertionError("gateways do not ask that");
  }

  private void arrive(
      TestNode target, Request request, ByteBuf payload, CompletableFuture<Reply> result) {
    if (troubles[target.number] == Trouble.UNREACHABLE) {
      payload.release();
      Response header = Response.to(request, Epoch.ZERO, ResultCode.NETWORK_ERROR);
      result.complete(new Reply(header, Unpooled.EMPTY_BUFFER));
      return;
    }
    target
        .replica
        .handle(request, payload, from.incarnation)
        .whenComplete(
            (reply, failure) -> {
              payload.release();
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                cluster.queue.after(HOP, () -> result.complete(reply));
              }
            });
  }
}
