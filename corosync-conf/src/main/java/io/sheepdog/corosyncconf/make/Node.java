package io.sheepdog.corosyncconf.make;

import io.sheepdog.corosyncconf.host.Address;
import io.sheepdog.corosyncconf.text.Quoted;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A node of a new nodelist.
 *
 * @param name host name, empty if it was not given
 * @param addresses one per link, at least one, at most 8
 */
public record Node(String name, List<String> addresses) {
  /** As many as corosync has room for. */
  public static final int MAX_NODES = 384;

  private static final int MAX_LINKS = 8;

  public Node {
    addresses = List.copyOf(addresses);
  }

  /**
   * Reads {@code ADDRESS}, {@code NAME=ADDRESS} or {@code NAME=ADDRESS,ADDRESS,...}.
   *
   * @throws ConfMakeException if the text is something else
   */
  public static Node parse(String text) throws ConfMakeException {
    int equals = text.indexOf('=');
    String name = equals < 0 ? "" : text.substring(0, equals);
    List<String> addresses = List.of(text.substring(equals + 1).split(",", -1));
    if (equals >= 0 && !Address.isHostName(name)) {
      throw invalid(text, "'" + Quoted.of(name) + "' is not the name of a host");
    }
    if (addresses.size() > MAX_LINKS) {
      throw invalid(text, "corosync has at most " + MAX_LINKS + " links");
    }
    if (addresses.size() > 1 && name.isEmpty()) {
      throw invalid(text, "nodes with several links need a name");
    }
    for (String address : addresses) {
      checkAddress(text, address);
    }
    return new Node(name, addresses);
  }

  private static void checkAddress(String text, String address) throws ConfMakeException {
    InetAddress literal = Address.literal(address);
    if (literal == null && !Address.isHostName(address)) {
      throw invalid(text, "'" + Quoted.of(address) + "' is neither an address nor a host name");
    }
    if (literal != null && (literal.isAnyLocalAddress() || literal.isMulticastAddress())) {
      throw invalid(text, "'" + address + "' is not the address of a host");
    }
  }

  private static ConfMakeException invalid(String text, String why) {
    return new ConfMakeException(
        "Invalid node '"
            + Quoted.of(text)
            + "': "
            + why
            + "; give ADDRESS or NAME=ADDRESS[,ADDRESS...]");
  }

  /** Reads all nodes of a cluster and compares them with each other. */
  public static List<Node> parseAll(List<String> texts) throws ConfMakeException {
    if (texts.size() > MAX_NODES) {
      throw new ConfMakeException(
          texts.size() + " nodes are too many: corosync has room for " + MAX_NODES);
    }
    List<Node> nodes = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String text : texts) {
      Node node = parse(text);
      for (String address : node.addresses()) {
        if (!seen.add(address)) {
          throw invalid(text, "'" + address + "' was given twice");
        }
      }
      if (!node.name().isEmpty() && !seen.add("=" + node.name())) {
        throw invalid(text, "the name '" + node.name() + "' was given twice");
      }
      if (!nodes.isEmpty() && nodes.get(0).addresses().size() != node.addresses().size()) {
        throw invalid(text, "all nodes need the same number of addresses");
      }
      nodes.add(node);
    }
    return nodes;
  }

  /** The nodelist of these nodes, ids from 1 on, as lines. */
  static List<String> nodelist(List<Node> nodes) {
    List<String> lines = new ArrayList<>(List.of("nodelist {"));
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      lines.add("    node {");
      if (!node.name.isEmpty()) {
        lines.add("        name: " + node.name);
      }
      lines.add("        nodeid: " + (i + 1));
      for (int link = 0; link < node.addresses.size(); link++) {
        lines.add("        ring" + link + "_addr: " + node.addresses.get(link));
      }
      lines.add("    }");
    }
    lines.add("}");
    return lines;
  }
}
