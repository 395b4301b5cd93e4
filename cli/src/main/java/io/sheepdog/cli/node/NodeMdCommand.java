package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.MdInfo;
import io.sheepdog.protocol.payload.MdInfo.DiskInfo;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code node md info [-A]}: spec/cli-dog-1.0.md section 3.5. A node has one directory; gateways
 * have none.
 */
public final class NodeMdCommand extends ToolCommand {
  private static final int PERCENT = 100;
  private static final int PERCENT_WIDTH = 4;

  @Parameters(arity = "1", paramLabel = "info")
  private String word = "";

  @Option(
      names = {"-A", "--all"},
      description = "the directories of all nodes")
  private boolean all;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (!word.equals("info")) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid subcommand '"
              + word
              + "': info is expected; a node has one directory here, there is nothing to plug");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Map<NodeAddress, List<DiskInfo>> disks = new LinkedHashMap<>();
    List<String> complaints = new ArrayList<>();
    if (all) {
      for (NodeEntry node : Nodes.of(remote).entries()) {
        try (Remote peer = Remote.openForStatus(node.address(), remote.profile())) {
          disks.put(node.address(), ask(peer));
        } catch (CommandFailure e) {
          complaints.add(node.address() + ": " + e.getMessage());
        }
      }
    } else {
      disks.put(NodeAddress.NONE, ask(remote));
    }
    complaints.forEach(invocation.console().err()::println);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, json -> write(json, remote, disks));
    } else {
      print(out, remote, disks);
    }
    return complaints.isEmpty() ? 0 : 1;
  }

  private static List<DiskInfo> ask(Remote node) throws CommandFailure {
    return node.fetch(
        Opcode.MD_INFO,
        RawBody.EMPTY,
        MdInfo.SIZE,
        reply -> {
          node.require(reply.header(), "Failed to get the disks");
          return MdInfo.decode(reply.payload()).disks();
        });
  }

  private void print(PrintStream out, Remote remote, Map<NodeAddress, List<DiskInfo>> disks) {
    if (!common().raw()) {
      out.println("Id\tSize\tUsed\tAvail\tUse%\tPath");
    }
    int number = 0;
    for (Map.Entry<NodeAddress, List<DiskInfo>> node : disks.entrySet()) {
      if (all && !common().raw()) {
        out.println("Node " + number + ":");
      }
      number++;
      for (DiskInfo disk : node.getValue()) {
        out.println(common().raw() ? name(remote, node.getKey()) + " " + raw(disk) : row(disk));
      }
    }
  }

  private static String name(Remote remote, NodeAddress node) {
    return node.equals(NodeAddress.NONE) ? remote.endpoint().toString() : node.toString();
  }

  private static String percent(DiskInfo disk) {
    long size = disk.used() + disk.free();
    return (size == 0 ? 0 : (long) ((double) disk.used() / size * PERCENT)) + "%";
  }

  private static String row(DiskInfo disk) {
    return Words.right(disk.index(), 2)
        + "\t"
        + Sizes.human(disk.used() + disk.free())
        + "\t"
        + Sizes.human(disk.used())
        + "\t"
        + Sizes.human(disk.free())
        + "\t"
        + Words.right(percent(disk), PERCENT_WIDTH)
        + "\t"
        + disk.path();
  }

  private static String raw(DiskInfo disk) {
    return disk.index()
        + " "
        + (disk.used() + disk.free())
        + " "
        + disk.used()
        + " "
        + disk.free()
        + " "
        + percent(disk)
        + " "
        + Words.escaped(disk.path());
  }

  private static void write(
      JsonGenerator json, Remote remote, Map<NodeAddress, List<DiskInfo>> disks)
      throws IOException {
    json.writeStartArray();
    for (Map.Entry<NodeAddress, List<DiskInfo>> node : disks.entrySet()) {
      for (DiskInfo disk : node.getValue()) {
        json.writeStartObject();
        json.writeStringField("node", name(remote, node.getKey()));
        json.writeNumberField("id", disk.index());
        json.writeNumberField("used", disk.used());
        json.writeNumberField("free", disk.free());
        json.writeStringField("path", disk.path());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }
}
