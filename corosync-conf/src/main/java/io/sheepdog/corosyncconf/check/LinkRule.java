package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The interface sections: link numbers and ports. */
final class LinkRule implements Rule {
  private static final int DEFAULT_PORT = 5405;

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    Map<Long, Integer> links = new HashMap<>();
    Map<Long, Integer> ports = new HashMap<>();
    for (ConfSection link : totem.interfaces()) {
      number(totem, link, links, findings);
      port(totem, link, ports, findings);
      knetOnly(totem, link, findings);
    }
  }

  private static void number(
      Totem totem, ConfSection link, Map<Long, Integer> seen, Findings findings) {
    ConfEntry ring = link.entry("ringnumber");
    ConfEntry number = link.entry("linknumber");
    if (ring != null) {
      renamed(ring, findings);
      return;
    }
    long value = Totem.number(number, 0);
    if (!totem.isKnet() && number != null && value != 0) {
      findings.error(
          number.line(),
          "link-number",
          Findings.quoted(number) + " does not go with transport " + totem.transport(),
          "only knet has more than one link; the section is ignored, its mcastaddr too",
          "write 'linknumber: 0'");
    }
    @Nullable Integer first = seen.putIfAbsent(value, link.first());
    if (first != null) {
      findings.error(
          link.first(),
          "link-duplicate",
          "there is a second interface section for link " + value + ", first in line " + first,
          "what they both set is taken from the last one",
          totem.isKnet()
              ? "give each its own linknumber"
              : "remove one: only knet has more than one link");
    }
  }

  private static void renamed(ConfEntry ring, Findings findings) {
    if (ring.value().equals("0")) {
      findings.warning(
          ring.line(),
          "obsolete-key",
          "'ringnumber: 0' has no effect",
          "its name is linknumber in version 3, and 0 is the default",
          "remove it");
    } else {
      findings.error(
          ring.line(),
          "ringnumber",
          Findings.quoted(ring) + " has no effect",
          "its name is linknumber in version 3: this section overrides what link 0 should use",
          "write linknumber, which needs transport knet, or remove the section");
    }
  }

  private static void port(
      Totem totem, ConfSection link, Map<Long, Integer> seen, Findings findings) {
    ConfEntry entry = link.entry("mcastport");
    long number = Totem.number(link.entry("linknumber"), 0);
    long port = Totem.number(entry, DEFAULT_PORT + number);
    if (entry == null || port == 0) {
      return;
    }
    if (totem.isMulticast() && port == 1) {
      findings.error(
          entry.line(),
          "port-range",
          "'mcastport: 1' leaves no port to send from",
          "corosync uses mcastport and the port before it",
          "write a port such as " + DEFAULT_PORT);
    }
    @Nullable Integer first = seen.putIfAbsent(port, entry.line());
    boolean nextIsTaken = seen.containsKey(port + 1) || seen.containsKey(port - 1);
    if (first != null || totem.isMulticast() && nextIsTaken) {
      findings.warning(
          entry.line(),
          "port-overlap",
          "another interface uses port " + port + " or the one next to it",
          "links that share an address cannot share a port; multicast uses two ports each",
          "keep ports two apart, such as 5405 and 5407");
    }
  }

  private static void knetOnly(Totem totem, ConfSection link, Findings findings) {
    for (ConfEntry entry : link.entries()) {
      boolean isDefault = entry.value().equals("1");
      String key = entry.key();
      if (!totem.isKnet() && key.equals("knet_link_priority") && !isDefault) {
        findings.error(
            entry.line(),
            "link-option-transport",
            Findings.quoted(entry) + " does not go with transport " + totem.transport(),
            "corosync refuses the file: Can only set link priority on knet transport type",
            "remove it");
      } else if (!totem.isKnet() && key.startsWith("knet_")) {
        findings.warning(
            entry.line(),
            "link-option-transport",
            Findings.quoted(entry) + " has no effect with transport " + totem.transport(),
            "it is for knet",
            "remove it");
      } else if (!totem.isMulticast() && key.equals("ttl") && !isDefault) {
        findings.error(
            entry.line(),
            "link-option-transport",
            Findings.quoted(entry) + " does not go with transport " + totem.transport(),
            "corosync refuses the file: Can only set ttl on multicast transport types",
            "remove it");
      }
    }
  }
}
