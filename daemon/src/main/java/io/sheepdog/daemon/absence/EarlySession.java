package io.sheepdog.daemon.absence;

import io.netty.buffer.ByteBuf;
import io.sheepdog.daemon.net.RequestHandler;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.OperationClass;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection that was accepted before the node was a member. */
final class EarlySession implements RequestHandler.Session {
  private final String clientAddress;
  private final Absence absence;
  private final Runnable kill;
  private final Consumer<EarlySession> onClose;
  private final Deque<Parked> parked = new ArrayDeque<>();
  private RequestHandler.@Nullable Session member;
  private long peer;

  /**
   * A request that waits.
   *
   * @param payload retained
   */
  private record Parked(Request request, ByteBuf payload, CompletableFuture<Reply> answer) {}

  EarlySession(
      String clientAddress, Absence absence, Runnable kill, Consumer<EarlySession> onClose) {
    this.clientAddress = clientAddress;
    this.absence = absence;
    this.kill = kill;
    this.onClose = onClose;
  }

  @Override
  public void greeted(long incarnation) {
    peer = incarnation;
    RequestHandler.Session node = member;
    if (node != null) {
      node.greeted(incarnation);
    }
  }

  @Override
  public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
    RequestHandler.Session node = member;
    if (node != null) {
      return node.handle(request, payload);
    }
    if (waits(request.operation())) {
      Parked one = new Parked(request, payload.retain(), new CompletableFuture<>());
      parked.add(one);
      return one.answer;
    }
    return CompletableFuture.completedFuture(answer(request));
  }

  /** Clients and other daemons can wait, people cannot. */
  private static boolean waits(@Nullable Opcode operation) {
    return operation != null
        && (operation.operationClass() == OperationClass.PEER || !operation.isInternal());
  }

  private Reply answer(Request request) {
    if (request.operation() == Opcode.NODE_STATUS) {
      return StatusReply.of(request, Epoch.ZERO, 0, absence.sentence());
    }
    if (request.operation() == Opcode.KILL_NODE) {
      kill.run();
      return StatusReply.code(request, Epoch.ZERO, ResultCode.SUCCESS);
    }
    return StatusReply.code(request, Epoch.ZERO, ResultCode.WAIT_FOR_JOIN);
  }

  /** The node is a member. */
  void open(RequestHandler node) {
    RequestHandler.Session opened = node.open(clientAddress);
    member = opened;
    if (peer != 0) {
      opened.greeted(peer);
    }
  }

  /** Hands what waits to the node, in its order. */
  void carryOut() {
    for (Parked one = parked.poll(); one != null; one = parked.poll()) {
      carryOut(one);
    }
  }

  private void carryOut(Parked one) {
    try {
      handle(one.request, one.payload)
          .whenComplete(
              (reply, failure) -> {
                if (failure == null) {
                  one.answer.complete(reply);
                } else {
                  one.answer.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      one.answer.completeExceptionally(e);
    } finally {
      one.payload.release();
    }
  }

  /**
   * Nothing that waits is carried out for a client that may be gone: it would lock an image for
   * nobody, or write what its user has written again elsewhere since.
   */
  @Override
  public void close() {
    for (Parked one = parked.poll(); one != null; one = parked.poll()) {
      one.payload.release();
      one.answer.complete(StatusReply.code(one.request, Epoch.ZERO, ResultCode.WAIT_FOR_JOIN));
    }
    RequestHandler.Session node = member;
    if (node != null) {
      node.close();
    } else {
      onClose.accept(this);
    }
  }
}
