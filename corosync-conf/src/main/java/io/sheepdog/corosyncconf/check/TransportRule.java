package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.net.Inet4Address;
import java.net.InetAddress;

/** Multicast, its address, and what fits to which transport: corosync.conf(5), TOTEM. */
final class TransportRule implements Rule {
  private static final int RESERVED = 224;

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    if (text.entry("totem", "version") == null) {
      findings.error(
          totem.lineOf("totem"),
          "version-missing",
          "totem.version is missing",
          "corosync refuses the file: This totem parser can only parse version 2 configurations",
          "write 'version: 2' into the section totem");
    }
    for (ConfSection link : totem.interfaces()) {
      ConfEntry address = link.entry("mcastaddr");
      if (address != null && !KeyRule.COMMENT.matcher(address.value()).find()) {
        multicastAddress(totem, address, findings);
      }
      bindAddress(totem, link, findings);
      broadcast(totem, link, findings);
    }
    if (totem.isMulticast()) {
      source(totem, findings);
    }
  }

  private static void multicastAddress(Totem totem, ConfEntry entry, Findings findings) {
    InetAddress address = Address.literal(entry.value());
    if (address == null) {
      findings.error(
          entry.line(),
          "bad-address",
          Findings.quoted(entry) + " is not an address",
          "corosync refuses the file: failed to parse mcast address",
          "write a multicast address such as 239.192.1.1");
    } else if (!address.isMulticastAddress()) {
      findings.error(
          entry.line(),
          "multicast-range",
          Findings.quoted(entry) + " is not a multicast address",
          "those are 224.0.0.0 to 239.255.255.255 and, for IPv6, ff00::/8",
          "write a multicast address such as 239.192.1.1");
    } else if (address instanceof Inet4Address && (address.getAddress()[0] & 0xff) == RESERVED) {
      findings.warning(
          entry.line(),
          "multicast-reserved",
          Findings.quoted(entry) + " is an address of the network's own protocols",
          "switches and routers treat 224.x.x.x in ways of their own: corosync.conf(5)",
          "write an address such as 239.192.1.1");
    }
    if (!totem.isMulticast()) {
      findings.error(
          entry.line(),
          "multicast-transport",
          Findings.quoted(entry) + " has no effect with transport " + totem.transport(),
          "corosync uses multicast only with 'transport: udp' (its default is knet) and ignores"
              + " the address silently: a node that uses it will never meet this one",
          "write 'transport: udp' into totem, or remove the address on all nodes");
    }
  }

  private static void bindAddress(Totem totem, ConfSection link, Findings findings) {
    ConfEntry bind = link.entry("bindnetaddr");
    if (bind == null) {
      return;
    }
    if (KeyRule.COMMENT.matcher(bind.value()).find()) {
      return;
    }
    if (Address.literal(bind.value()) == null && !Address.isHostName(bind.value())) {
      findings.error(
          bind.line(),
          "bad-address",
          Findings.quoted(bind) + " is not an address",
          "without a nodelist corosync refuses the file: failed to parse bindnet address",
          "remove it: the addresses are in the nodelist today");
    } else if (!totem.nodes().isEmpty()) {
      findings.warning(
          bind.line(),
          "bindnetaddr-ignored",
          Findings.quoted(bind) + " has no effect",
          "corosync takes the address of the nodelist instead and complains of it in its log",
          "remove it");
    }
  }

  private static void broadcast(Totem totem, ConfSection link, Findings findings) {
    ConfEntry broadcast = link.entry("broadcast");
    if (broadcast == null || !broadcast.value().equals("yes")) {
      return;
    }
    if (!totem.isMulticast()) {
      findings.error(
          broadcast.line(),
          "multicast-transport",
          Findings.quoted(broadcast) + " has no effect with transport " + totem.transport(),
          "corosync broadcasts only with 'transport: udp'",
          "write 'transport: udp' into totem, or remove it on all nodes");
    } else if (link.entry("mcastaddr") != null) {
      findings.warning(
          broadcast.line(),
          "broadcast-and-multicast",
          "both broadcast and mcastaddr are set",
          "corosync broadcasts and does not use mcastaddr",
          "remove one of them");
    }
  }

  private static void source(Totem totem, Findings findings) {
    boolean hasAddress =
        totem.interfaces().stream()
            .anyMatch(link -> link.entry("mcastaddr") != null || link.entry("broadcast") != null);
    if (!hasAddress && totem.text().entry("totem", "cluster_name") == null) {
      findings.error(
          totem.lineOf("totem"),
          "multicast-missing",
          "'transport: udp' needs a multicast address",
          "corosync refuses the file: No multicast address specified",
          "write mcastaddr into totem { interface {, or a cluster_name into totem to derive one");
    }
  }
}
