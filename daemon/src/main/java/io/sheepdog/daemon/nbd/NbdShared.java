package io.sheepdog.daemon.nbd;

import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.daemon.net.ByteBudget;
import io.sheepdog.daemon.net.Complaints;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the connections of all listening sockets have in common. Confined to the event loop. */
final class NbdShared {
  /** How many connections above the limit hear why they are not served. */
  private static final int REFUSED_AT_A_TIME = 64;

  private final NbdLimits limits;
  private final ByteBudget budget;
  private final BlockVolumes volumes;
  private final Set<NbdConnection> connections = new LinkedHashSet<>();
  private final Complaints tooMany =
      new Complaints(NbdEvent.NBD_TOO_MANY_CONNECTIONS, System::nanoTime);
  private final Complaints badClients = new Complaints(NbdEvent.NBD_BAD_CLIENT, System::nanoTime);
  private final Complaints failures = new Complaints(NbdEvent.NBD_REQUEST_FAILED, System::nanoTime);

  private final Complaints refusals = new Complaints(NbdEvent.NBD_REFUSED, System::nanoTime);
  private final Complaints tlsFailures = new Complaints(NbdEvent.NBD_TLS_FAILED, System::nanoTime);

  private int requests;
  private Runnable onIdle = () -> {};

  NbdShared(NbdLimits limits, ByteBudget budget, BlockVolumes volumes) {
    this.limits = limits;
    this.budget = budget;
    this.volumes = volumes;
  }

  /** Why a connection that comes now is not served, null if it is. */
  @Nullable String refusal() {
    int limit = limits.connections();
    if (connections.size() < limit) {
      return null;
    }
    tooMany.log("limit={}", limit);
    return "this node has "
        + limit
        + " NBD connections, and takes no more; close some, or use another node";
  }

  /** Whether there is not even room to tell a client so. */
  boolean isOverrun() {
    return connections.size() >= limits.connections() + REFUSED_AT_A_TIME;
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

  /** Runs {@code action} whenever no request is under way any more, and now if so. */
  void whenIdle(Runnable action) {
    onIdle = action;
    if (requests == 0) {
      action.run();
    }
  }

  NbdLimits limits() {
    return limits;
  }

  ByteBudget budget() {
    return budget;
  }

  BlockVolumes volumes() {
    return volumes;
  }

  Set<NbdConnection> connections() {
    return connections;
  }

  Complaints badClients() {
    return badClients;
  }

  Complaints failures() {
    return failures;
  }

  Complaints refusals() {
    return refusals;
  }

  Complaints tlsFailures() {
    return tlsFailures;
  }
}
