package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which node this host is: corosync.conf(5), nodelist, name. corosync looks for its host name in
 * name and ring0_addr first, with ever fewer domains, and for its addresses only then.
 */
final class LocalNodeRule implements Rule {
  /** So many names are looked up at most; a resolver that is down takes seconds for each. */
  private static final int MAX_LOOKUPS = 16;

  private static final String NODE = "the address of this host";

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    List<ConfSection> nodes =
        new Totem(text).nodes().stream().filter(node -> node.entry("ring0_addr") != null).toList();
    if (nodes.isEmpty()) {
      return;
    }
    ConfSection named = byName(nodes, host.name());
    if (named != null) {
      isHere(named, host, findings);
    } else if (byAddress(nodes, host) == null) {
      findings.error(
          text.sections("nodelist").get(0).first(),
          "local-node-missing",
          "no node of the nodelist is this host",
          "corosync refuses to run: No valid name found for local host. None has the name "
              + host.name()
              + " or one of the addresses "
              + host.addresses().stream()
                  .filter(address -> !address.isLoopbackAddress())
                  .map(InetAddress::getHostAddress)
                  .sorted()
                  .toList(),
          "add a node whose ring0_addr is " + NODE);
    }
  }

  /** As corosync does it: the whole name, then with one domain less each time, then the first. */
  private static @Nullable ConfSection byName(List<ConfSection> nodes, String hostName) {
    String name = hostName;
    while (!name.isEmpty()) {
      ConfSection node = named(nodes, name, false);
      if (node != null) {
        return node;
      }
      int dot = name.lastIndexOf('.');
      if (dot < 0) {
        return named(nodes, name, true);
      }
      name = name.substring(0, dot);
    }
    return null;
  }

  private static @Nullable ConfSection named(
      List<ConfSection> nodes, String name, boolean withoutDomain) {
    for (ConfSection node : nodes) {
      for (String key : List.of("name", "ring0_addr")) {
        ConfEntry entry = node.entry(key);
        String value = entry == null ? "" : entry.value();
        int dot = value.indexOf('.');
        if (name.equals(withoutDomain && dot >= 0 ? value.substring(0, dot) : value)) {
          return node;
        }
      }
    }
    return null;
  }

  private static @Nullable ConfSection byAddress(List<ConfSection> nodes, LocalHost host) {
    Set<InetAddress> own = host.addresses();
    int lookups = 0;
    for (ConfSection node : nodes) {
      String text = Objects.requireNonNull(node.entry("ring0_addr")).value();
      boolean literal = Address.literal(text) != null;
      lookups += literal ? 0 : 1;
      boolean worthIt = literal || lookups <= MAX_LOOKUPS;
      if (worthIt && Address.resolve(text, host).stream().anyMatch(own::contains)) {
        return node;
      }
    }
    return null;
  }

  private static void isHere(ConfSection node, LocalHost host, Findings findings) {
    ConfEntry address = Objects.requireNonNull(node.entry("ring0_addr"));
    List<InetAddress> found = Address.resolve(address.value(), host);
    if (!found.isEmpty() && found.stream().noneMatch(host.addresses()::contains)) {
      findings.error(
          address.line(),
          "local-node-address",
          "the node with the name of this host has another host's address",
          "corosync finds itself by the name "
              + host.name()
              + " and then uses "
              + address.value()
              + ", which no interface of this host has",
          "write " + NODE + ", or correct the names");
    }
  }
}
