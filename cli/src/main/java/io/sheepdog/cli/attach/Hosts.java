package io.sheepdog.cli.attach;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** What kind of host a name or address means. */
final class Hosts {
  private Hosts() {}

  static boolean isLoopback(String host) {
    InetAddress address = address(host);
    return address != null && address.isLoopbackAddress();
  }

  /** Whether it stands for all addresses of a host. */
  static boolean isWildcard(String host) {
    InetAddress address = address(host);
    return address != null && address.isAnyLocalAddress();
  }

  /** Whether it is this host. */
  static boolean isHere(String host) {
    InetAddress address = address(host);
    try {
      return address != null
          && (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null);
    } catch (SocketException nobodyKnows) {
      return false;
    }
  }

  private static @Nullable InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
