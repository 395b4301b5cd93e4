package io.sheepdog.core.sim.net;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.message.Request;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One TCP connection of a client to a daemon. */
public final class ClientConnection {
  private final EventQueue queue;
  private final RandomGenerator random;
  private final Delays delays;
  private final SimProcess client;
  private final String host;
  private final ClientServer server;
  private final Runnable onClosed;
  private final Map<Integer, Consumer<Answer>> waiting = new HashMap<>();
  private @Nullable ClientSession session;
  private long lastArrival;
  private long lastReturn;
  private boolean over;
  private boolean lossy;
  private Runnable onConnected = () -> {};

  ClientConnection(
      EventQueue queue,
      RandomGenerator random,
      Delays delays,
      SimProcess client,
      String host,
      ClientServer server,
      Runnable onClosed) {
    this.queue = queue;
    this.random = random;
    this.delays = delays;
    this.client = client;
    this.host = host;
    this.server = server;
    this.onClosed = onClosed;
  }

  void open() {
    if (!server.process().alive() || !server.accepts()) {
      breakDown();
      return;
    }
    arrive(
        () -> {
          session = server.open(host);
          client.after(
              delays.draw(random),
              () -> {
                if (!over) {
                  onConnected.run();
                }
              });
        });
  }

  /**
   * Runs {@code action} once the daemon has accepted the connection; to be said at once after
   * connecting.
   */
  public void whenConnected(Runnable action) {
    onConnected = action;
  }

  /** Whether it was closed or broke. */
  public boolean isOver() {
    return over;
  }

  boolean isOf(SimProcess process) {
    return !over && (client == process || server.process() == process);
  }

  boolean isBusy() {
    return !over && !waiting.isEmpty();
  }

  /**
   * Sends a request.
   *
   * @param request its id must not be in use on this connection
   * @param onAnswer runs on the client's loop; never if the connection goes first
   */
  public void send(Request request, byte[] payload, Consumer<Answer> onAnswer) {
    if (over) {
      return;
    }
    if (waiting.put(request.id(), onAnswer) != null) {
      throw new IllegalStateException("request id " + request.id() + " is in use");
    }
    arrive(() -> handle(request, payload));
  }

  /** Whether a request with that id has not been answered. */
  public boolean isWaitingFor(int id) {
    return waiting.containsKey(id);
  }

  /** Closes it in order: what was sent arrives, then the end. */
  public void close() {
    if (!over) {
      over = true;
      arrive(this::endSession);
    }
  }

  /** The connection is gone; what was in the pipe arrives or not, in order. */
  void breakDown() {
    if (over) {
      return;
    }
    over = true;
    lossy = true;
    client.after(delays.draw(random), onClosed);
    long end = Math.max(lastArrival, queue.now() + delays.draw(random));
    server.process().after(end - queue.now(), this::endSession);
  }

  private void arrive(Runnable action) {
    lastArrival = Math.max(lastArrival, queue.now() + delays.draw(random));
    server.process().after(lastArrival - queue.now(), action);
  }

  private void endSession() {
    if (session != null) {
      session.close();
    }
  }

  private void handle(Request request, byte[] bytes) {
    if (session == null || session.isClosed() || (lossy && random.nextBoolean())) {
      endSession(); // a hole in the stream is the end of it
      return;
    }
    ByteBuf payload = server.buffers().bufferOf(bytes);
    try {
      server
          .handle(session, request, payload)
          .whenComplete(
              (reply, failure) -> {
                if (failure != null) {
                  queue.report(
                      new AssertionError("client request " + request + " failed", failure));
                } else {
                  giveBack(Answer.of(reply, queue));
                }
              });
    } finally {
      payload.release();
    }
  }

  private void giveBack(Answer answer) {
    lastReturn = Math.max(lastReturn, queue.now() + delays.draw(random));
    client.after(
        lastReturn - queue.now(),
        () -> {
          Consumer<Answer> onAnswer = over ? null : waiting.remove(answer.header().id());
          if (onAnswer != null) {
            onAnswer.accept(answer);
          } else if (!over) {
            queue.report(new AssertionError("unexpected reply " + answer.header()));
          }
        });
  }
}
