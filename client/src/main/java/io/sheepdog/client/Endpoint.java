package io.sheepdog.client;

import java.nio.file.Path;

/** Where a daemon listens. Its text is what users see in messages. */
public sealed interface Endpoint {

  /** A TCP address. */
  static Endpoint tcp(String host, int port) {
    return new Tcp(host, port);
  }

  /** The Unix socket {@code sock} of a store. */
  static Endpoint unix(Path socket) {
    return new Unix(socket);
  }

  /**
   * TCP.
   *
   * @param host IPv4 or IPv6 address, or (for {@link ToolConnection} only) a name
   * @param port 1..65535
   */
  record Tcp(String host, int port) implements Endpoint {
    private static final int MAX_PORT = 65535;

    /** Checks the port. */
    public Tcp {
      if (port < 1 || port > MAX_PORT) {
        throw new IllegalArgumentException(
            "port " + port + " is out of range; 1 to 65535 are allowed");
      }
    }

    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /**
   * Unix domain socket.
   *
   * @param socket path of the socket file
   */
  record Unix(Path socket) implements Endpoint {
    @Override
    public String toString() {
      return socket.toString();
    }
  }
}
