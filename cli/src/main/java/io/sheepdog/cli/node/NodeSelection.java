package io.sheepdog.cli.node;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.List;

/** Nodes by their number in {@code node list}. */
final class NodeSelection {
  private NodeSelection() {}

  /** The node of that number. */
  static NodeEntry byId(Nodes nodes, String id, int usageExit) throws CommandFailure {
    List<NodeEntry> entries = nodes.entries();
    try {
      int number = Integer.parseInt(id);
      if (number >= 0 && number < entries.size()) {
        return entries.get(number);
      }
    } catch (NumberFormatException e) {
      throw invalid(id, entries.size(), usageExit);
    }
    throw invalid(id, entries.size(), usageExit);
  }

  private static CommandFailure invalid(String id, int count, int usageExit) {
    return new CommandFailure(
        usageExit,
        "Invalid node id '" + id + "': 'node list' shows them, 0 to " + (count - 1) + " now");
  }
}
