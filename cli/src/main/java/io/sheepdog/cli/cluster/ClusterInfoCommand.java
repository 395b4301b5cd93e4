package io.sheepdog.cli.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** {@code cluster info}: spec/cli-collie-2010.md section 11, spec/cli-dog-1.0.md section 4.1. */
public final class ClusterInfoCommand extends ToolCommand {

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    ClusterView view = ClusterView.of(remote);
    Nodes nodes = Nodes.of(remote);
    List<NodeAddress> missing = missing(view, nodes);
    Console console = invocation.console();
    if (json) {
      Json.print(console.out(), generator -> write(generator, view, nodes, missing));
      return 0;
    }
    if (invocation.profile() == Profile.COLLIE) {
      guide(console.out(), remote, view);
    } else {
      dog(console.out(), remote, view);
    }
    remarks(console.err(), view, nodes, missing);
    return 0;
  }

  /** Whom the cluster waits for: all nodes of its newest epoch are needed. */
  private static List<NodeAddress> missing(ClusterView view, Nodes nodes) {
    if (!view.response().is(ResultCode.WAIT_FOR_JOIN) || view.epochs().isEmpty()) {
      return List.of();
    }
    List<NodeAddress> present = nodes.entries().stream().map(NodeEntry::address).toList();
    return view.newest().nodes().stream()
        .map(NodeEntry::address)
        .filter(address -> !present.contains(address))
        .toList();
  }

  private static void guide(PrintStream out, Remote remote, ClusterView view) {
    out.println(view.response().isSuccess() ? "running" : remote.text(view.response()));
    out.println();
    out.println("Ctime              Epoch Nodes");
    if (!view.epochs().isEmpty()) {
      String created = Times.shortYear(view.newest().creationTime().seconds());
      for (EpochLogEntry epoch : view.epochs()) {
        String nodes = join(epoch, false);
        out.printf("%s %6d [%s]%n", created, epoch.epoch().value(), nodes);
      }
    }
  }

  private void dog(PrintStream out, Remote remote, ClusterView view) {
    String status =
        view.response().isSuccess()
            ? "running, auto-recovery "
                + (!view.epochs().isEmpty() && view.newest().recoveryDisabled()
                    ? "disabled"
                    : "enabled")
            : remote.text(view.response());
    out.println(common().raw() ? status : "Cluster status: " + status);
    out.println();
    if (view.epochs().isEmpty()) {
      return;
    }
    if (!common().raw()) {
      out.printf("Cluster created at %s%n%n", Times.ctime(view.newest().creationTime().seconds()));
      out.println("Epoch Time           Version [Host:Port:V-Nodes,,,]");
    }
    for (EpochLogEntry epoch : view.epochs()) {
      String nodes = join(epoch, true);
      if (common().raw()) {
        out.printf("%d %d [%s]%n", epoch.time(), epoch.epoch().value(), nodes);
      } else {
        out.printf("%s %6d [%s]%n", Times.second(epoch.time()), epoch.epoch().value(), nodes);
      }
    }
  }

  private static String join(EpochLogEntry epoch, boolean withVnodes) {
    return epoch.nodes().stream()
        .map(node -> withVnodes ? node.address() + ":" + node.vnodes() : node.address().toString())
        .collect(Collectors.joining(", "));
  }

  private static void remarks(
      PrintStream err, ClusterView view, Nodes nodes, List<NodeAddress> missing) {
    if (!missing.isEmpty()) {
      err.println(
          "waiting for "
              + missing.stream().map(NodeAddress::toString).collect(Collectors.joining(", "))
              + "; start sheep there with its old store");
    }
    if (!view.epochs().isEmpty() && view.newest().copies() > nodes.zones()) {
      err.println(
          "warning: "
              + view.newest().copies()
              + " copies are wanted but there are only "
              + nodes.zones()
              + " zones; "
              + nodes.zones()
              + " copies are kept");
    }
  }

  private static void write(
      JsonGenerator json, ClusterView view, Nodes nodes, List<NodeAddress> missing)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("status", status(view));
    if (!view.epochs().isEmpty()) {
      json.writeNumberField("created", view.newest().creationTime().seconds());
      json.writeNumberField("copies", view.newest().copies());
    }
    json.writeNumberField("zones", nodes.zones());
    json.writeArrayFieldStart("missing");
    for (NodeAddress node : missing) {
      json.writeString(node.toString());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("epochs");
    for (EpochLogEntry epoch : view.epochs()) {
      json.writeStartObject();
      json.writeNumberField("epoch", epoch.epoch().value());
      json.writeNumberField("time", epoch.time());
      json.writeArrayFieldStart("nodes");
      for (NodeEntry node : epoch.nodes()) {
        json.writeString(node.address().toString());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String status(ClusterView view) {
    ResultCode code = view.response().resultCode();
    if (code == null) {
      return "unknown";
    }
    return switch (code) {
      case SUCCESS -> "running";
      case WAIT_FOR_FORMAT -> "waiting_for_format";
      case WAIT_FOR_JOIN -> "waiting_for_nodes";
      case SHUTDOWN -> "shutting_down";
      default -> "error";
    };
  }
}
