package io.sheepdog.core.sim.net;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** The connections between the daemons of one world. */
public final class PeerNetwork {
  /** How long a look at another daemon takes at most. */
  private static final long LOOK = 1_000_000_000;

  private final EventQueue queue;
  private final RandomGenerator random;
  private final Delays delays;
  private final Map<NodeAddress, Peer> peers = new HashMap<>();
  private final Map<Route, PeerConnection> connections = new HashMap<>();
  private final Map<Route, NewestArrival> arrivals = new HashMap<>();
  private final Map<NodeAddress, Set<NodeAddress>> cutOff = new HashMap<>();
  private final Set<Route> cutRoutes = new HashSet<>();
  private final Map<Route, Long> slowRoutes = new HashMap<>();
  private long made;

  /** A daemon that can be reached. */
  record Peer(
      SimProcess process, BufferLedger buffers, LongSupplier incarnation, Handler handler) {}

  /** What a daemon does with the requests of others. */
  public interface Handler {
    /** Carries out a request of the daemon of that incarnation. */
    CompletionStage<Reply> handle(long sender, Request request, ByteBuf payload);
  }

  /** The newest connection of a route from which something has arrived. */
  static final class NewestArrival {
    long connection;
  }

  private record Route(NodeAddress from, NodeAddress to) {}

  /**
   * @param random seeded
   * @param delays of one packet
   */
  public PeerNetwork(EventQueue queue, RandomGenerator random, Delays delays) {
    this.queue = queue;
    this.random = random;
    this.delays = delays;
  }

  /**
   * Lets a daemon be reached; {@code handler} and {@code incarnation}, 0 when it is no member, are
   * called on its loop.
   */
  public void listen(
      NodeAddress address,
      SimProcess process,
      BufferLedger buffers,
      LongSupplier incarnation,
      Handler handler) {
    peers.put(address, new Peer(process, buffers, incarnation, handler));
  }

  /** The transport of a daemon, which is of that incarnation. */
  public Transport transport(
      NodeAddress from, long sender, SimProcess process, BufferLedger buffers) {
    return new Transport() {
      @Override
      public CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload) {
        if (to.equals(from)) {
          throw new IllegalArgumentException("request of " + from + " to itself");
        }
        return connection(from, process, buffers, to).send(sender, request, payload);
      }

      @Override
      public CompletionStage<Boolean> hasEnded(NodeAddress address, long incarnation) {
        return look(from, process, address, incarnation);
      }
    };
  }

  private CompletionStage<Boolean> look(
      NodeAddress from, SimProcess asker, NodeAddress to, long incarnation) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    asker.after(LOOK, () -> result.complete(false));
    Peer peer = peers.get(to);
    if (isCut(from, to)) {
      return result;
    }
    if (peer == null || !peer.process.alive()) {
      asker.after(delays.draw(random), () -> result.complete(true));
    } else {
      peer.process.after(
          delays.draw(random),
          () -> {
            boolean another = peer.incarnation.getAsLong() != incarnation;
            asker.after(delays.draw(random), () -> result.complete(another));
          });
    }
    return result;
  }

  private PeerConnection connection(
      NodeAddress from, SimProcess process, BufferLedger buffers, NodeAddress to) {
    return connections.computeIfAbsent(
        new Route(from, to),
        route ->
            new PeerConnection(
                queue,
                random,
                delays,
                process,
                buffers,
                () -> peers.get(to),
                () -> isCut(from, to),
                () -> slowRoutes.getOrDefault(route, 0L),
                arrivals.computeIfAbsent(route, r -> new NewestArrival()),
                ++made));
  }

  /**
   * A daemon has died: what others had sent it gets lost or not, what they wait for never comes.
   */
  public void died(NodeAddress address) {
    for (Route route : List.copyOf(connections.keySet())) {
      if (route.to.equals(address) || route.from.equals(address)) {
        breakConnection(route);
      }
    }
  }

  /**
   * Drops a daemon's connections to members that are gone, so that what waits for them goes on at
   * once.
   */
  public StateListener connectionsOf(NodeAddress from) {
    return (before, after, sender, event, outcome) -> {
      if (!before.members().keySet().equals(after.members().keySet())) {
        Set<NodeAddress> members = new HashSet<>();
        after.members().values().forEach(member -> members.add(member.node().address()));
        for (Route route : List.copyOf(connections.keySet())) {
          if (route.from.equals(from) && !members.contains(route.to)) {
            breakConnection(route);
          }
        }
      }
    };
  }

  /** From now on what a daemon and all but those others send each other is lost. */
  public void cutOff(NodeAddress address, Set<NodeAddress> reachable) {
    cutOff.put(address, reachable);
  }

  /** From now on what others ask a daemon is lost; its own questions are answered. */
  public void deafen(NodeAddress address) {
    for (NodeAddress other : peers.keySet()) {
      cutRoute(other, address);
    }
  }

  /** From now on what the one asks the other is lost. */
  public void cutRoute(NodeAddress from, NodeAddress to) {
    cutRoutes.add(new Route(from, to));
  }

  /** What was lost is given up; from now on what the one asks the other arrives. */
  public void restoreRoute(NodeAddress from, NodeAddress to) {
    cutRoutes.remove(new Route(from, to));
    breakConnection(new Route(from, to));
  }

  /** From now on what the one asks the other takes so much longer, nanoseconds; 0 ends it. */
  public void slowRoute(NodeAddress from, NodeAddress to, long nanos) {
    slowRoutes.put(new Route(from, to), nanos);
  }

  private boolean isCut(NodeAddress from, NodeAddress to) {
    return cutRoutes.contains(new Route(from, to)) || isCutOff(from, to) || isCutOff(to, from);
  }

  private boolean isCutOff(NodeAddress address, NodeAddress other) {
    Set<NodeAddress> reachable = cutOff.get(address);
    return reachable != null && !reachable.contains(other);
  }

  /**
   * Breaks one connection that has requests in flight.
   *
   * @return whether there was one
   */
  public boolean breakBusyConnection() {
    List<Route> busy = new ArrayList<>();
    for (Map.Entry<Route, PeerConnection> entry : connections.entrySet()) {
      if (entry.getValue().isBusy()) {
        busy.add(entry.getKey());
      }
    }
    if (busy.isEmpty()) {
      return false;
    }
    busy.sort((a, b) -> a.from.equals(b.from) ? a.to.compareTo(b.to) : a.from.compareTo(b.from));
    breakConnection(busy.get(random.nextInt(busy.size())));
    return true;
  }

  private void breakConnection(Route route) {
    PeerConnection connection = connections.remove(route);
    if (connection != null) {
      connection.breakDown();
    }
  }
}
