package io.sheepdog.cli.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code cluster info}: spec/cli-collie-2010.md section 11, spec/cli-dog-1.0.md section 4.1. */
public final class ClusterInfoCommand extends ToolCommand {
  private static final int EPOCH_WIDTH = 6;

  @Option(
      names = {"-v", "--verbose"},
      description = "show store, default redundancy and vnodes, too")
  private boolean verbose;

  @Option(
      names = {"-d", "--diff"},
      description = "show for each epoch which nodes came (+) and went (-)")
  private boolean diff;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    ClusterView view = ClusterView.of(remote);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, generator -> write(generator, view));
      return 0;
    }
    if (view.isAbsent()) {
      out.println(common().raw() ? view.reason() : "Cluster status: " + view.reason());
      return 0;
    }
    if (invocation.profile() == Profile.DOG || common().raw()) {
      dog(out, remote, view);
    } else {
      guide(out, remote, view);
    }
    remarks(invocation.console().err(), view);
    return 0;
  }

  private void guide(PrintStream out, Remote remote, ClusterView view) {
    out.println(view.response().isSuccess() ? "running" : remote.text(view.response()));
    if (verbose) {
      details(out, remote, view);
    }
    out.println();
    out.println("Ctime              Epoch Nodes");
    if (view.isFormatted()) {
      String created = Times.shortYear(view.newest().creationTime().seconds());
      rows(out, view, false, created);
    }
  }

  private void dog(PrintStream out, Remote remote, ClusterView view) {
    String status = dogStatus(remote, view);
    out.println(common().raw() ? status : "Cluster status: " + status);
    if (verbose) {
      details(out, remote, view);
    } else {
      out.println();
    }
    if (common().raw()) {
      rawRows(out, view);
    } else if (view.isFormatted()) {
      out.println("Cluster created at " + Times.ctime(view.newest().creationTime().seconds()));
      out.println();
      out.println("Epoch Time           Version [Host:Port:V-Nodes,,,]");
      rows(out, view, true, null);
    }
  }

  private static String dogStatus(Remote remote, ClusterView view) {
    if (!view.response().isSuccess()) {
      return remote.text(view.response());
    }
    boolean off = view.isFormatted() && view.newest().recoveryDisabled();
    return "running, auto-recovery " + (off ? "disabled" : "enabled");
  }

  private static void details(PrintStream out, Remote remote, ClusterView view) {
    if (!view.isFormatted()) {
      out.println("Cluster store: " + remote.text(view.response()));
      return;
    }
    EpochLogEntry newest = view.newest();
    int flags = newest.flags();
    out.println(
        "Cluster store: "
            + newest.driverName()
            + " with "
            + newest.copies()
            + " redundancy policy");
    out.println(
        "Cluster vnodes strategy: " + ((flags & ClusterFlags.AUTO_VNODES) != 0 ? "auto" : "fixed"));
    out.println("Cluster vnode mode: " + ((flags & ClusterFlags.DISKMODE) != 0 ? "disk" : "node"));
  }

  /**
   * The rows of the table.
   *
   * @param created what stands before the epoch, null for the epoch's own time
   */
  private void rows(
      PrintStream out, ClusterView view, boolean withVnodes, @Nullable String created) {
    for (int i = 0; i < view.epochs().size(); i++) {
      EpochLogEntry epoch = view.epochs().get(i);
      String time = created == null ? Times.second(epoch.time()) : created;
      String version = Words.right(epoch.epoch().value(), EPOCH_WIDTH);
      out.println(time + " " + version + " [" + nodes(view, i, withVnodes) + "]");
    }
  }

  private void rawRows(PrintStream out, ClusterView view) {
    for (int i = 0; i < view.epochs().size(); i++) {
      EpochLogEntry epoch = view.epochs().get(i);
      out.println(epoch.time() + " " + epoch.epoch().value() + " [" + nodes(view, i, true) + "]");
    }
  }

  private String nodes(ClusterView view, int number, boolean withVnodes) {
    List<NodeEntry> nodes = view.epochs().get(number).nodes();
    if (!diff) {
      List<String> words = new ArrayList<>();
      for (NodeEntry node : nodes) {
        words.add(withVnodes ? node.address() + ":" + node.vnodes() : node.address().toString());
      }
      return String.join(", ", words);
    }
    if (number == view.epochs().size() - 1) {
      return "formated"; // as version 1.0 spells it
    }
    List<NodeAddress> now = addresses(nodes);
    List<NodeAddress> before = addresses(view.epochs().get(number + 1).nodes());
    List<String> words = new ArrayList<>();
    now.stream().filter(node -> !before.contains(node)).forEach(node -> words.add("+" + node));
    before.stream().filter(node -> !now.contains(node)).forEach(node -> words.add("-" + node));
    return String.join(", ", words);
  }

  private static List<NodeAddress> addresses(List<NodeEntry> nodes) {
    List<NodeAddress> addresses = new ArrayList<>();
    nodes.forEach(node -> addresses.add(node.address()));
    return addresses;
  }

  private static void remarks(PrintStream err, ClusterView view) {
    if (!view.reason().isEmpty()) {
      err.println(view.reason());
    }
    List<NodeAddress> missing = view.missing();
    if (!missing.isEmpty()) {
      List<String> words = new ArrayList<>();
      missing.forEach(node -> words.add(node.toString()));
      err.println(
          "waiting for "
              + String.join(", ", words)
              + "; start sheep there with its old store"
              + " (if they are gone for good: cluster recover force)");
    } else if (view.isFormatted() && view.response().is(ResultCode.WAIT_FOR_JOIN)) {
      err.println(
          "all nodes of epoch "
              + view.newest().epoch()
              + " answer; if the cluster goes on waiting, a node has not the store it had (was it"
              + " emptied?): the last event=WAITING in sheep.log of any node names it");
    }
    if (view.isFormatted() && view.response().isSuccess()) {
      ZoneWarning.print(err, view.newest().copies(), view.nodes());
    }
  }

  private static void write(JsonGenerator json, ClusterView view) throws IOException {
    json.writeStartObject();
    json.writeStringField("status", status(view));
    if (!view.reason().isEmpty()) {
      json.writeStringField("reason", view.reason());
    }
    if (view.isFormatted()) {
      json.writeNumberField("created", view.newest().creationTime().seconds());
      json.writeNumberField("copies", view.newest().copies());
    }
    json.writeNumberField("zones", view.nodes().zones());
    json.writeArrayFieldStart("missing");
    for (NodeAddress node : view.missing()) {
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
    if (view.isAbsent()) {
      return "not_a_member";
    }
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
