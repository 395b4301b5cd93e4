package io.sheepdog.daemon.net;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest connection of each other daemon. A daemon that connects again gives up its earlier
 * connection, but what it had sent there may still wait in a socket; were it carried out after
 * something that the daemon sent later, an old write could replace a newer, acknowledged one. So
 * the earlier connection is cut when the later one says hello.
 */
final class PeerGreetings {
  /** More daemons than a cluster has; the one heard of longest ago is forgotten. */
  private static final int MAX_PEERS = 8192;

  private record Newest(long number, @Nullable ServerConnection connection) {}

  private final Map<Long, Newest> peers =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Newest> eldest) {
          return size() > MAX_PEERS;
        }
      };

  /**
   * A connection said hello.
   *
   * @param incarnation of the daemon at its other end
   * @param number rises with each connection of that daemon
   */
  void greeted(ServerConnection connection, long incarnation, long number) {
    Newest newest = peers.get(incarnation);
    if (newest != null && newest.number >= number) {
      connection.close();
      return;
    }
    peers.put(incarnation, new Newest(number, connection));
    if (newest != null && newest.connection != null) {
      newest.connection.close();
    }
  }

  /** A connection is gone; its number is remembered, an earlier one may still turn up. */
  void gone(ServerConnection connection) {
    peers.replaceAll(
        (incarnation, newest) ->
            newest.connection == connection ? new Newest(newest.number, null) : newest);
  }
}
