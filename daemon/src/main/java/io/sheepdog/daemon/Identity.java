package io.sheepdog.daemon;

import io.sheepdog.daemon.options.ClusterDriverName;
import io.sheepdog.daemon.options.SheepOptions;
import io.sheepdog.protocol.id.NodeAddress;
import java.net.InetAddress;

/** What a node says of itself where the command line leaves it open. */
final class Identity {
  private Identity() {}

  /**
   * The address under which others reach this node: {@code -y}, else {@code -b}, else what the
   * driver knows.
   *
   * @param known by the driver
   */
  static NodeAddress address(SheepOptions options, InetAddress known) {
    InetAddress address = options.myAddress();
    if (address == null) {
      address = options.bindAddress();
    }
    if (address == null || address.isAnyLocalAddress()) {
      address = known;
    }
    return NodeAddress.of(address, options.port());
  }

  /**
   * The failure domain: {@code -z}, else the address; for the local driver address and port, since
   * there all addresses are alike and three nodes shall hold three copies.
   */
  static int zone(SheepOptions options, NodeAddress address) {
    if (options.zone().isPresent()) {
      return (int) options.zone().getAsLong();
    }
    boolean local = options.cluster().driver() == ClusterDriverName.LOCAL;
    return local ? address.defaultZone() + address.port() : address.defaultZone();
  }
}
