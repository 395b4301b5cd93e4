package io.sheepdog.core.sim.client;

import io.sheepdog.core.sim.client.Requests.Outgoing;
import io.sheepdog.core.sim.net.ClientConnection;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * QEMU's main I/O connection: pipelined, ids from 0; when it breaks, a new one every second until
 * there is one, and everything in flight again with the same ids, worked out anew from the inode in
 * memory (spec/client-behaviour.md sections 1.5 and 1.6).
 */
final class QemuSocket {
  private static final long RECONNECT = 1_000_000_000L;
  private static final int MAX_RELOADS = 2_000;
  private static final long RELOAD_PAUSE = 5_000_000L;

  private final ClientHost host;
  private final Reloader reloader;
  private final Runnable onBroken;
  private final Map<Integer, InFlight> inFlight = new LinkedHashMap<>();
  private @Nullable ClientConnection connection;
  private int nextId;
  private boolean closed;

  /** Brings the header in memory up to date after 0x1A. */
  interface Reloader {
    CompletableFuture<Void> reload(VdiId refused);
  }

  private static final class InFlight {
    final int id;
    final Supplier<Outgoing> request;
    final CompletableFuture<Answer> result = new CompletableFuture<>();
    Outgoing sent;
    int reloads;

    InFlight(int id, Supplier<Outgoing> request) {
      this.id = id;
      this.request = request;
      this.sent = request.get().withId(id);
    }

    @Override
    public String toString() {
      return "request " + id + " " + ClientHost.describe(sent);
    }
  }

  QemuSocket(ClientHost host, Reloader reloader, Runnable onBroken) {
    this.host = host;
    this.reloader = reloader;
    this.onBroken = onBroken;
  }

  void connect() {
    connection = host.connect(this::broken);
    for (InFlight request : List.copyOf(inFlight.values())) {
      request.sent = request.request.get().withId(request.id);
      transmit(request);
    }
  }

  private void broken() {
    if (closed) {
      return;
    }
    host.violations()
        .trace(() -> host + " main connection broke, " + inFlight.size() + " in flight");
    connection = null;
    onBroken.run();
    host.after(
        RECONNECT,
        () -> {
          if (!closed) {
            connect();
          }
        });
  }

  boolean isConnected() {
    return connection != null;
  }

  /**
   * Sends what {@code request} gives now, and what it gives then whenever it has to be sent again.
   */
  CompletableFuture<Answer> submit(Supplier<Outgoing> request) {
    InFlight entry = new InFlight(nextId++, request);
    inFlight.put(entry.id, entry);
    host.waitsFor(entry);
    transmit(entry);
    return entry.result;
  }

  private void transmit(InFlight entry) {
    ClientConnection current = connection;
    if (current != null) {
      host.violations().trace(() -> host + " > " + entry);
      current.send(entry.sent.request(), entry.sent.payload(), answer -> answered(entry, answer));
    }
  }

  private void answered(InFlight entry, Answer answer) {
    host.violations().trace(() -> host + " < " + answer.header().resultCode() + " to " + entry);
    if (!answer.header().is(ResultCode.READONLY)) {
      inFlight.remove(entry.id);
      host.waitsNoMore(entry);
      entry.result.complete(answer);
      return;
    }
    if (entry.reloads++ > MAX_RELOADS) {
      host.violations().report("client-behaviour 1.5", host + " loops on READONLY: " + entry);
      return;
    }
    VdiId refused = ((ObjectBody) entry.sent.request().body()).oid().vid();
    reloader
        .reload(refused)
        .thenRun(
            () ->
                host.after(
                    entry.reloads > 1 ? RELOAD_PAUSE : 0,
                    () -> {
                      if (inFlight.containsKey(entry.id) && connection != null) {
                        entry.sent = entry.request.get().withId(entry.id);
                        resend(entry);
                      }
                    }));
  }

  private void resend(InFlight entry) {
    // a reconnection in the meantime has sent it already
    ClientConnection current = connection;
    if (current != null && !current.isWaitingFor(entry.id)) {
      transmit(entry);
    }
  }

  void close() {
    closed = true;
    inFlight.values().forEach(host::waitsNoMore);
    if (connection != null) {
      connection.close();
    }
  }
}
