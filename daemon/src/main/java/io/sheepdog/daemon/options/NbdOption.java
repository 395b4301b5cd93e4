package io.sheepdog.daemon.options;

import io.sheepdog.daemon.nbd.NbdServer;
import java.net.InetAddress;

/**
 * Where the NBD server listens besides its socket in the store: {@code [ADDR:]PORT} or {@code off}.
 *
 * @param enabled false for no NBD at all, not on the socket either
 * @param address where to listen; 127.0.0.1 unless given
 * @param port 1..65535
 * @param given whether the command line says so: then it must be possible
 */
public record NbdOption(boolean enabled, InetAddress address, int port, boolean given) {
  /** The loopback address and the port of the protocol. */
  public static final NbdOption DEFAULT =
      new NbdOption(true, loopback(), NbdServer.DEFAULT_PORT, false);

  private static final String OFF = "off";

  static NbdOption parse(String text) throws OptionException {
    if (text.equals(OFF)) {
      return new NbdOption(false, loopback(), NbdServer.DEFAULT_PORT, true);
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? null : text.substring(0, colon);
    int port = OptionValues.port(text.substring(colon + 1));
    return new NbdOption(true, host == null ? loopback() : address(host), port, true);
  }

  private static InetAddress address(String host) throws OptionException {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return OptionValues.numericAddress(bracketed ? host.substring(1, host.length() - 1) : host);
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  /** {@code ADDR:PORT} for people. */
  @Override
  public String toString() {
    String host = address.getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
