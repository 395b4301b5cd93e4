package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The addresses of the nodelist: what they are, and that all nodes have the same links. */
final class AddressRule implements Rule {
  private static final int MAX_LINKS = 8;
  private static final String WRITE_ONE = "write the address of the node's network interface";

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    Map<String, Integer> seen = new HashMap<>();
    Map<Integer, ConfEntry> families = new HashMap<>();
    Map<Integer, Integer> firstOf = new TreeMap<>();
    @Nullable Set<Integer> links = null;
    for (ConfSection node : totem.nodes()) {
      Map<Integer, ConfEntry> rings = rings(node, findings);
      if (!rings.containsKey(0)) {
        findings.error(
            node.first(),
            "node-without-address",
            "the node has no ring0_addr",
            "corosync refuses the file, or even crashes, when a node has no address",
            "write 'ring0_addr: ADDRESS' into the node");
        continue;
      }
      rings.forEach(
          (link, entry) -> {
            firstOf.putIfAbsent(link, entry.line());
            NodeListRule.duplicate(
                entry, "address-duplicate", "two nodes cannot share an address", seen, findings);
            address(totem, entry, findings);
            family(totem, link, entry, families, findings);
          });
      links = links == null ? rings.keySet() : links;
      if (!links.equals(rings.keySet())) {
        findings.error(
            node.first(),
            "link-count",
            "the node has other links than the first node: " + rings.keySet() + " and " + links,
            "corosync refuses the file: Not all nodes have the same number of links",
            "give all nodes the same ringN_addr keys");
      }
      if (rings.size() > 1 && node.entry("name") == null) {
        findings.error(
            node.first(),
            "name-missing",
            "the node has more than one link and no name",
            "corosync refuses the file: all nodes must have a 'name' attribute",
            "write 'name: HOSTNAME' into the node");
      }
    }
    if (!totem.isKnet() && firstOf.size() > 1) {
      findings.error(
          List.copyOf(firstOf.values()).get(1),
          "link-transport",
          "transport " + totem.transport() + " has one link, the nodes have " + firstOf.size(),
          "corosync refuses the file: too many configured interfaces for non-Knet transport",
          "remove all but ring0_addr, or write 'transport: knet'");
    }
  }

  /** The addresses of a node by link. */
  private static Map<Integer, ConfEntry> rings(ConfSection node, Findings findings) {
    Map<Integer, ConfEntry> rings = new TreeMap<>();
    for (ConfEntry entry : node.entries()) {
      if (entry.key().matches("ring[0-9]{1,9}_addr")) {
        int link = Integer.parseInt(entry.key().replaceAll("[^0-9]", ""));
        if (link >= MAX_LINKS) {
          findings.error(
              entry.line(),
              "link-number",
              "link " + link + " is too high",
              "corosync refuses the file: it has links 0 to 7",
              "number the links from 0 on");
        } else {
          rings.put(link, entry);
        }
      }
    }
    return rings;
  }

  private static void address(Totem totem, ConfEntry entry, Findings findings) {
    String value = entry.value();
    if (KeyRule.COMMENT.matcher(value).find()) {
      return;
    }
    InetAddress address = Address.literal(value);
    if (address == null) {
      if (!Address.isHostName(value)) {
        findings.error(
            entry.line(),
            "bad-address",
            Findings.quoted(entry) + " is neither an address nor the name of a host",
            "corosync takes four numbers from 0 to 255, or an IPv6 address; no mask, no port,"
                + " no leading zeros",
            WRITE_ONE);
      }
    } else if (address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || isBroadcast(address)) {
      findings.error(
          entry.line(),
          "bad-address",
          Findings.quoted(entry) + " is not the address of a host",
          "corosync takes it, but no packet will reach that node",
          WRITE_ONE);
    } else if (address.isLoopbackAddress() && totem.nodes().size() > 1) {
      findings.error(
          entry.line(),
          "address-loopback",
          Findings.quoted(entry) + " is the same host for every node",
          "corosync starts, each node takes the address for its own, and no cluster forms",
          WRITE_ONE);
    }
  }

  private static boolean isBroadcast(InetAddress address) {
    return address.getHostAddress().equals("255.255.255.255");
  }

  private static void family(
      Totem totem, int link, ConfEntry entry, Map<Integer, ConfEntry> families, Findings findings) {
    InetAddress address = Address.literal(entry.value());
    if (address == null) {
      return;
    }
    String version = totem.text().value("totem", "ip_version");
    version = version == null && totem.isMulticast() ? "ipv4" : String.valueOf(version);
    String own = address instanceof Inet4Address ? "ipv4" : "ipv6";
    if (Set.of("ipv4", "ipv6").contains(version) && !version.equals(own)) {
      findings.error(
          entry.line(),
          "ip-version",
          Findings.quoted(entry) + " is not an address of " + version,
          "corosync refuses the file: ip_version is "
              + version
              + (totem.isMulticast() ? " (the default with transport udp)" : ""),
          "write 'ip_version: " + own + "' into totem, or an address of " + version);
      return;
    }
    ConfEntry first = families.putIfAbsent(link, entry);
    InetAddress other = first == null ? null : Address.literal(first.value());
    if (other != null && other.getClass() != address.getClass()) {
      findings.error(
          entry.line(),
          "address-family",
          "link " + link + " mixes IPv4 and IPv6: " + Findings.quoted(entry),
          "corosync refuses the file: Nodes for link have different IP families",
          "use one family on each link");
    }
  }
}
