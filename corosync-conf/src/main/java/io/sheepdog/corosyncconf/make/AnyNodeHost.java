package io.sheepdog.corosyncconf.make;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A host that is every node of a file and has its key: for files that are made for other hosts. */
final class AnyNodeHost implements LocalHost {
  private static final InetAddress OF_NAMES = InetAddress.getLoopbackAddress();
  private final Set<InetAddress> addresses = new HashSet<>(Set.of(OF_NAMES));

  AnyNodeHost(ConfText text) {
    for (ConfSection node : text.sections("nodelist.node")) {
      ConfEntry address = node.entry("ring0_addr");
      InetAddress literal = address == null ? null : Address.literal(address.value());
      if (literal != null) {
        addresses.add(literal);
      }
    }
  }

  @Override
  public String name() {
    return "";
  }

  @Override
  public Set<InetAddress> addresses() {
    return addresses;
  }

  @Override
  public List<InetAddress> resolve(String name) {
    return List.of(OF_NAMES);
  }

  @Override
  public boolean holds(Path file, int bytes) {
    return true;
  }
}
