package io.sheepdog.core.sim.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.core.sim.net.PeerNetwork.NewestArrival;
import io.sheepdog.core.sim.net.PeerNetwork.Peer;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One connection from a daemon to another: requests arrive in order, replies come back in the order
 * in which they were made.
 */
final class PeerConnection {
  /** How late what was in the pipe when the connection broke may still be carried out. */
  private static final long MAX_LATENESS = 30_000_000;

  private final EventQueue queue;
  private final RandomGenerator random;
  private final Delays delays;
  private final SimProcess sender;
  private final BufferLedger senderBuffers;
  private final Supplier<@Nullable Peer> receiver;
  private final BooleanSupplier isCut;
  private final LongSupplier slowness;
  private final NewestArrival newest;
  private final long number;
  private final Set<Exchange> open = new LinkedHashSet<>();
  private long lastArrival;
  private long lastReturn;
  private boolean broken;

  PeerConnection(
      EventQueue queue,
      RandomGenerator random,
      Delays delays,
      SimProcess sender,
      BufferLedger senderBuffers,
      Supplier<@Nullable Peer> receiver,
      BooleanSupplier isCut,
      LongSupplier slowness,
      NewestArrival newest,
      long number) {
    this.queue = queue;
    this.random = random;
    this.delays = delays;
    this.sender = sender;
    this.senderBuffers = senderBuffers;
    this.receiver = receiver;
    this.isCut = isCut;
    this.slowness = slowness;
    this.newest = newest;
    this.number = number;
  }

  boolean isBusy() {
    return !open.isEmpty();
  }

  CompletionStage<Reply> send(long incarnation, Request request, ByteBuf payload) {
    Exchange exchange = new Exchange(incarnation, request, ByteBufUtil.getBytes(payload));
    open.add(exchange);
    Peer peer = receiver.get();
    if (isCut.getAsBoolean()) {
      return exchange.result; // lost; nobody says so until the connection is given up
    }
    if (peer == null || !peer.process().alive()) {
      sender.after(delays.draw(random), () -> fail(exchange));
    } else {
      lastArrival = Math.max(lastArrival, queue.now() + delays.draw(random) + slowness.getAsLong());
      peer.process().after(lastArrival - queue.now(), () -> arrive(peer, exchange));
    }
    return exchange.result;
  }

  private void arrive(Peer peer, Exchange exchange) {
    if (broken && !exchange.late) {
      exchange.late = true;
      if (random.nextBoolean()) {
        peer.process().after(random.nextLong(MAX_LATENESS), () -> arrive(peer, exchange));
      }
      return;
    }
    if (number < newest.connection) {
      return;
    }
    newest.connection = Math.max(newest.connection, number);
    ByteBuf payload = peer.buffers().bufferOf(exchange.payload);
    try {
      peer.handler()
          .handle(exchange.sender, exchange.request, payload)
          .whenComplete(
              (reply, failure) -> {
                if (failure != null) {
                  queue.report(
                      new AssertionError("peer request " + exchange.request + " failed", failure));
                } else {
                  giveBack(exchange, Answer.of(reply, queue));
                }
              });
    } finally {
      payload.release();
    }
  }

  private void giveBack(Exchange exchange, Answer answer) {
    if (broken || isCut.getAsBoolean()) {
      return;
    }
    lastReturn = Math.max(lastReturn, queue.now() + delays.draw(random));
    sender.after(
        lastReturn - queue.now(),
        () -> {
          if (!broken && open.remove(exchange)) {
            exchange.result.complete(answer.toReply(senderBuffers));
          }
        });
  }

  /** Everybody who waits is told so; what has not arrived yet is lost or arrives late. */
  void breakDown() {
    broken = true;
    for (Exchange exchange : List.copyOf(open)) {
      sender.after(delays.draw(random), () -> fail(exchange));
    }
  }

  private void fail(Exchange exchange) {
    if (open.remove(exchange)) {
      exchange.result.complete(Message.networkError(exchange.request));
    }
  }

  private static final class Exchange {
    final long sender;
    final Request request;
    final byte[] payload;
    final CompletableFuture<Reply> result = new CompletableFuture<>();
    boolean late;

    Exchange(long sender, Request request, byte[] payload) {
      this.sender = sender;
      this.request = request;
      this.payload = payload;
    }
  }
}
