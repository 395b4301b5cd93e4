package io.sheepdog.core.sim.net;

import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The connections of clients to daemons. */
public final class ClientNetwork {
  private final EventQueue queue;
  private final RandomGenerator random;
  private final Delays delays;
  private final Map<NodeAddress, ClientServer> servers = new HashMap<>();
  private final List<ClientConnection> connections = new ArrayList<>();

  /**
   * @param random seeded
   * @param delays of one packet
   */
  public ClientNetwork(EventQueue queue, RandomGenerator random, Delays delays) {
    this.queue = queue;
    this.random = random;
    this.delays = delays;
  }

  /** Lets a daemon be reached. */
  public void listen(NodeAddress address, ClientServer server) {
    servers.put(address, server);
  }

  /**
   * Connects; requests may be sent at once and arrive after the connection is there.
   *
   * @param client whose loop gets the answers
   * @param host address of the client without port
   * @param onClosed runs once on the client's loop when the connection could not be made or is
   *     gone, unless the client closed it
   */
  public ClientConnection connect(
      SimProcess client, String host, NodeAddress to, Runnable onClosed) {
    ClientServer server = servers.get(to);
    if (server == null) {
      throw new IllegalArgumentException("no daemon at " + to);
    }
    ClientConnection connection =
        new ClientConnection(queue, random, delays, client, host, server, onClosed);
    connections.removeIf(ClientConnection::isOver);
    connections.add(connection);
    connection.open();
    return connection;
  }

  /** A daemon or a client has died. */
  public void died(SimProcess process) {
    for (ClientConnection connection : List.copyOf(connections)) {
      if (connection.isOf(process)) {
        connection.breakDown();
      }
    }
  }

  /**
   * Breaks one connection on which something is in flight.
   *
   * @return whether there was one
   */
  public boolean breakBusyConnection() {
    List<ClientConnection> busy = connections.stream().filter(ClientConnection::isBusy).toList();
    if (busy.isEmpty()) {
      return false;
    }
    busy.get(random.nextInt(busy.size())).breakDown();
    return true;
  }
}
