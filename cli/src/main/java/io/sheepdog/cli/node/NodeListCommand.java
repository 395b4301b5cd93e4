package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code node list}: spec/cli-collie-2010.md section 3, spec/cli-dog-1.0.md section 3.1. */
public final class NodeListCommand extends ToolCommand {
  private static final int RULE_WIDTH = 48;
  private static final int ID_DIGITS = 16;
  private static final int INDEX_WIDTH = 4;
  private static final int ADDRESS_WIDTH = 20;
  private static final int ZONE_WIDTH = 11;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Nodes nodes = Nodes.of(remote);
    Console console = invocation.console();
    if (common().json()) {
      Json.print(console.out(), generator -> write(generator, nodes));
    } else if (common().raw()) {
      raw(nodes.entries(), console.out());
    } else if (invocation.profile() == Profile.COLLIE) {
      guideTable(nodes, console);
    } else {
      dogTable(nodes.entries(), console.out());
    }
    String reason = remote.whyNotServing();
    if (!reason.isEmpty()) {
      console.err().println(reason);
    }
    return 0;
  }

  /** The oldest member is marked as master. */
  private static void guideTable(Nodes nodes, Console console) {
    console.out().println("  Idx\tNode id (FNV-1a) - Host:Port");
    console.out().println("-".repeat(RULE_WIDTH));
    for (int i = 0; i < nodes.entries().size(); i++) {
      NodeAddress node = nodes.entries().get(i).address();
      boolean isMaster = node.equals(nodes.master());
      String row = (isMaster ? "* " : "  ") + i + "\t" + id(node) + " - " + node + "\n";
      // bold ends after the newline, as it always did
      console.out().print(isMaster ? console.bold(row) : row);
    }
  }

  private static String id(NodeAddress node) {
    String hex = Long.toHexString(node.node2010Id());
    return "0".repeat(ID_DIGITS - hex.length()) + hex;
  }

  private static void dogTable(List<NodeEntry> nodes, PrintStream out) {
    out.println("  Id   Host:Port         V-Nodes       Zone");
    for (int i = 0; i < nodes.size(); i++) {
      NodeEntry node = nodes.get(i);
      out.println(
          Words.right(i, INDEX_WIDTH)
              + "   "
              + Words.left(text(node.address()), ADDRESS_WIDTH)
              + "\t"
              + Words.right(node.vnodes(), 2)
              + Words.right(node.zoneUnsigned(), ZONE_WIDTH));
    }
  }

  private static void raw(List<NodeEntry> nodes, PrintStream out) {
    for (int i = 0; i < nodes.size(); i++) {
      NodeEntry node = nodes.get(i);
      out.println(i + " " + text(node.address()) + " " + node.vnodes() + " " + node.zoneUnsigned());
    }
  }

  /** Version 1.0 has no brackets around IPv6 addresses. */
  private static String text(NodeAddress node) {
    return node.host() + ":" + node.port();
  }

  private static void write(JsonGenerator json, Nodes nodes) throws IOException {
    json.writeStartArray();
    for (NodeEntry node : nodes.entries()) {
      json.writeStartObject();
      json.writeStringField("id", id(node.address()));
      json.writeStringField("host", node.address().host());
      json.writeNumberField("port", node.address().port());
      json.writeNumberField("vnodes", node.vnodes());
      json.writeNumberField("zone", node.zoneUnsigned());
      json.writeNumberField("space", node.space());
      json.writeBooleanField("master", node.address().equals(nodes.master()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
