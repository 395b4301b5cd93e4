package io.sheepdog.daemon.net;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the connections of all listening sockets have in common. Confined to the event loop. */
final class ServerShared {
  private final ServerLimits limits;
  private final Budgets budgets;
  private final Set<ServerConnection> connections = new LinkedHashSet<>();
  private final PeerGreetings greetings = new PeerGreetings();
  private final Complaints badFrames = new Complaints(NetEvent.BAD_FRAME, System::nanoTime);
  private @Nullable RequestHandler handler;
  private int requests;
  private Runnable onIdle = () -> {};

  ServerShared(ServerLimits limits) {
    this.limits = limits;
    this.budgets = new Budgets(limits);
  }

  void serve(RequestHandler newHandler) {
    handler = newHandler;
  }

  boolean isServing() {
    return handler != null;
  }

  RequestHandler handler() {
    return Objects.requireNonNull(handler, "not serving yet");
  }

  ServerLimits limits() {
    return limits;
  }

  Budgets budgets() {
    return budgets;
  }

  PeerGreetings greetings() {
    return greetings;
  }

  Complaints badFrames() {
    return badFrames;
  }

  Set<ServerConnection> connections() {
    return connections;
  }

  void requestStarted() {
    requests++;
  }

  void requestDone() {
    requests--;
    if (requests == 0) {
      onIdle.run();
    }
  }

  int requests() {
    return requests;
  }

  /** Runs {@code action} whenever no request is under way any more, and now if so. */
  void whenIdle(Runnable action) {
    onIdle = action;
    if (requests == 0) {
      action.run();
    }
  }
}
