package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code node list}: spec/cli-collie-2010.md section 3, spec/cli-dog-1.0.md section 3.1. */
public final class NodeListCommand extends ToolCommand {
  private static final String RULE = "-".repeat(48);

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    Nodes nodes = Nodes.of(remote);
    if (json) {
      Json.print(invocation.console().out(), generator -> write(generator, nodes));
    } else if (common().raw()) {
      raw(nodes, invocation.console());
    } else if (invocation.profile() == Profile.COLLIE) {
      guideTable(nodes, invocation.console());
    } else {
      dogTable(nodes, invocation.console());
    }
    return 0;
  }

  /** Ascending by the node id of 2010, the oldest member marked as master. */
  private static void guideTable(Nodes nodes, Console console) {
    NodeAddress master = nodes.entries().get(nodes.master()).address();
    List<NodeAddress> byId = new ArrayList<>();
    nodes.entries().forEach(entry -> byId.add(entry.address()));
    byId.sort(Comparator.comparing(NodeAddress::node2010Id, Long::compareUnsigned));
    console.out().println("  Idx\tNode id (FNV-1a) - Host:Port");
    console.out().println(RULE);
    for (int i = 0; i < byId.size(); i++) {
      NodeAddress node = byId.get(i);
      boolean isMaster = node.equals(master);
      String row =
          String.format("%s %d\t%016x - %s", isMaster ? "*" : " ", i, node.node2010Id(), node);
      console.out().println(isMaster ? console.bold(row) : row);
    }
  }

  private static void dogTable(Nodes nodes, Console console) {
    console.out().println("  Id   Host:Port         V-Nodes       Zone");
    for (int i = 0; i < nodes.entries().size(); i++) {
      NodeEntry node = nodes.entries().get(i);
      console
          .out()
          .printf("%4d   %-20s\t%2d%11d%n", i, node.address(), node.vnodes(), node.zoneUnsigned());
    }
  }

  private static void raw(Nodes nodes, Console console) {
    for (int i = 0; i < nodes.entries().size(); i++) {
      NodeEntry node = nodes.entries().get(i);
      console.out().printf("%d %s %d %d%n", i, node.address(), node.vnodes(), node.zoneUnsigned());
    }
  }

  private static void write(JsonGenerator json, Nodes nodes) throws IOException {
    json.writeStartArray();
    for (int i = 0; i < nodes.entries().size(); i++) {
      NodeEntry node = nodes.entries().get(i);
      json.writeStartObject();
      json.writeStringField("id", String.format("%016x", node.address().node2010Id()));
      json.writeStringField("host", node.address().host());
      json.writeNumberField("port", node.address().port());
      json.writeNumberField("vnodes", node.vnodes());
      json.writeNumberField("zone", node.zoneUnsigned());
      json.writeNumberField("space", node.space());
      json.writeBooleanField("master", i == nodes.master());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
