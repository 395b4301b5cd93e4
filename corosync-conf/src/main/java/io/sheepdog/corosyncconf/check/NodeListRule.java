package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodelist: that it is there, ids and names. */
final class NodeListRule implements Rule {
  private static final int MAX_NODES = 384;
  private static final int KNET_IDS = 65_536;
  private static final long U32 = 1L << 32;

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    if (totem.nodes().isEmpty()) {
      findings.error(
          totem.lineOf("nodelist"),
          "nodelist-missing",
          "there is no nodelist with a node",
          "corosync 3 refuses every file without an entry for the local host, multicast or not:"
              + " No valid name found for local host",
          "add nodelist { node { nodeid: 1, ring0_addr: ADDRESS } ... } with all nodes");
      return;
    }
    List<ConfSection> lists = text.sections("nodelist");
    for (ConfSection list : lists.subList(1, lists.size())) {
      findings.error(
          list.first(),
          "nodelist-twice",
          "there is a second nodelist",
          "its first node replaces the first node of the first nodelist, and so on",
          "write all nodes into one nodelist");
    }
    if (totem.nodes().size() > MAX_NODES) {
      findings.error(
          totem.lineOf("nodelist"),
          "too-many-nodes",
          "there are " + totem.nodes().size() + " nodes",
          "corosync has room for " + MAX_NODES,
          "remove some");
    }
    Map<String, Integer> ids = new HashMap<>();
    Map<String, Integer> names = new HashMap<>();
    for (ConfSection node : totem.nodes()) {
      id(totem, node, ids, findings);
      name(node, names, findings);
    }
  }

  private static void id(
      Totem totem, ConfSection node, Map<String, Integer> seen, Findings findings) {
    ConfEntry id = node.entry("nodeid");
    if (id == null) {
      missing(totem, node, findings);
      return;
    }
    long number = id.value().length() > 9 ? bigNumber(id.value()) : Totem.number(id, -1);
    if (number < 0) {
      return;
    }
    if (number == 0) {
      findings.error(
          id.line(),
          "nodeid-zero",
          "nodeid 0 is reserved",
          "knet refuses it; other transports derive an id from the address",
          "number the nodes from 1 on, the same on all nodes");
    } else if (totem.isKnet() && number >= KNET_IDS) {
      findings.error(
          id.line(),
          "nodeid-range",
          Findings.quoted(id) + " is too large for knet",
          "corosync refuses the file: Knet requires nodeid to be less than " + KNET_IDS,
          "number the nodes from 1 on, the same on all nodes");
    }
    duplicate(id, "nodeid-duplicate", "corosync refuses the file", seen, findings);
  }

  private static long bigNumber(String text) {
    boolean isNumber = text.length() < 12 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber && Long.parseLong(text) < U32 ? Long.parseLong(text) : -1;
  }

  private static void missing(Totem totem, ConfSection node, Findings findings) {
    ConfEntry address = node.entry("ring0_addr");
    boolean derived =
        !totem.isKnet()
            && address != null
            && Address.literal(address.value()) instanceof java.net.Inet4Address;
    String remedy = "number the nodes from 1 on, the same on all nodes";
    if (derived) {
      findings.warning(
          node.first(),
          "nodeid-missing",
          "the node has no nodeid",
          "corosync makes a number of its IPv4 address, which nobody can remember",
          remedy);
    } else {
      findings.error(
          node.first(),
          "nodeid-missing",
          "the node has no nodeid",
          "corosync refuses the file: knet and IPv6 require an explicit nodeid",
          remedy);
    }
  }

  private static void name(ConfSection node, Map<String, Integer> seen, Findings findings) {
    ConfEntry name = node.entry("name");
    if (name != null) {
      String why = "a node finds itself by its name; two would take the same identity";
      duplicate(name, "name-duplicate", why, seen, findings);
    }
  }

  /** Complains if another node has the same value. */
  static void duplicate(
      ConfEntry entry, String key, String why, Map<String, Integer> seen, Findings findings) {
    @Nullable Integer first = seen.putIfAbsent(entry.value(), entry.line());
    if (first != null) {
      findings.error(
          entry.line(),
          key,
          Findings.quoted(entry) + " is there twice, first in line " + first,
          why,
          "give each node its own");
    }
  }
}
