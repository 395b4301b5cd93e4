package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi track}: where an object was to be in every epoch (spec/cli-dog-1.0.md section 2.14).
 * {@code -o} of version 1.0 names an object; it is told from {@code -o json}.
 */
public final class VdiTrackCommand extends ToolCommand {
  private static final int RULE = 51;

  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-i", "--index"},
      paramLabel = "INDEX",
      description = "a data object instead of the inode (decimal, or hexadecimal with 0x)")
  private @Nullable String index;

  @Option(
      names = {"--oid"},
      paramLabel = "OID",
      description = "this object (-o OID, too)")
  private @Nullable String oid;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number) instead of the working image")
  private @Nullable String snapshot;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    given(invocation.profile());
    if (index != null) {
      ObjectArguments.parseIndex(index);
    }
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
  }

  private @Nullable ObjectId given(Profile profile) throws CommandFailure {
    String text = oid == null && !common().json() ? common().output() : oid;
    return ObjectArguments.parseId(text, profile);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, snapshot == null ? null : Snapshot.parse(snapshot));
    ObjectId given = given(invocation.profile());
    ObjectId object = given == null ? ObjectArguments.of(vdis, inode, index) : given;
    ClusterView view = ClusterView.of(remote);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, json -> write(json, object, inode, view.epochs()));
      return 0;
    }
    int nodes = view.nodes().entries().size();
    out.println(
        object.equals(ObjectId.inode(inode.vdiId()))
            ? "Tracking the inode object 0x" + inode.vdiId() + " with " + nodes + " nodes"
            : "Tracking the object " + object + " with " + nodes + " nodes");
    for (EpochLogEntry epoch : view.epochs()) {
      out.println();
      out.println(
          "obj "
              + object
              + " locations at epoch "
              + epoch.epoch()
              + ", copies = "
              + inode.copies());
      out.println("-".repeat(RULE));
      targets(epoch, object, inode).forEach(out::println);
    }
    return 0;
  }

  private static List<NodeAddress> targets(EpochLogEntry epoch, ObjectId oid, InodeHeader inode) {
    List<RingNode> ring =
        epoch.nodes().stream()
            .map(node -> new RingNode(node.address(), node.vnodes(), node.zone()))
            .toList();
    return Ring.of(ring).targets(oid, inode.copies());
  }

  private static void write(
      JsonGenerator json, ObjectId oid, InodeHeader inode, List<EpochLogEntry> epochs)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("object_id", oid.toString());
    json.writeNumberField("copies", inode.copies());
    json.writeArrayFieldStart("epochs");
    for (EpochLogEntry epoch : epochs) {
      json.writeStartObject();
      json.writeNumberField("epoch", epoch.epoch().value());
      json.writeArrayFieldStart("nodes");
      for (NodeAddress node : targets(epoch, oid, inode)) {
        json.writeString(node.toString());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
