package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi object}: spec/cli-collie-2010.md section 8, spec/cli-dog-1.0.md section 2.13 ({@code
 * location}).
 */
public final class VdiObjectCommand extends ToolCommand {
  private static final int HEX = 16;

  @Parameters(
      arity = "1..2",
      paramLabel = "[location] NAME",
      description = "the image; NAME:ID for a snapshot (decimal, or hexadecimal with 0x)")
  private List<String> words = List.of();

  @Option(
      names = {"-i", "--index"},
      paramLabel = "INDEX",
      description = "a data object instead of the inode (decimal, or hexadecimal with 0x)")
  private @Nullable String index;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number)")
  private @Nullable String snapshot;

  /** Where an object is: by node, whether it has it; a text instead when it could not be asked. */
  private record Location(
      ObjectId oid,
      VdiId vid,
      int copies,
      Map<NodeAddress, String> nodes,
      List<NodeAddress> expected) {}

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    boolean location = words.size() > 1 && words.get(0).equals("location");
    if (words.size() > 1 && !location) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid word '" + words.get(0) + "': only 'location' is supported");
    }
    String target = words.get(words.size() - 1);
    InodeHeader inode = open(remote, target);
    ObjectId oid = object(remote, inode);
    Location found = locate(remote, inode, oid);
    PrintStream out = invocation.console().out();
    if (json) {
      Json.print(out, generator -> write(generator, found));
      return 0;
    }
    print(out, found, invocation.profile());
    return 0;
  }

  private InodeHeader open(Remote remote, String target) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    int colon = target.lastIndexOf(':');
    Snapshot selected = snapshot == null ? null : Snapshot.parse(snapshot);
    if (selected == null && colon > 0) {
      selected = new Snapshot(number(target.substring(colon + 1), "snapshot id"), "");
      return openOr(vdis, target.substring(0, colon), selected, remote.profile());
    }
    return openOr(vdis, target, selected, remote.profile());
  }

  private static InodeHeader openOr(
      Vdis vdis, String name, @Nullable Snapshot selected, Profile profile) throws CommandFailure {
    if (profile == Profile.COLLIE && !vdis.lookup(name, selected).isSuccess()) {
      throw new CommandFailure(1, "No such vdi: " + name);
    }
    return vdis.open(name, selected);
  }

  private ObjectId object(Remote remote, InodeHeader inode) throws CommandFailure {
    if (index == null) {
      return ObjectId.inode(inode.vdiId());
    }
    int wanted = number(index, "index");
    int[] owners = new Vdis(remote).index(inode);
    if (wanted >= owners.length || owners[wanted] == 0) {
      throw new CommandFailure(
          1, "The inode object 0x" + inode.vdiId() + " idx " + wanted + " is not allocated");
    }
    return ObjectId.data(new VdiId(owners[wanted]), wanted);
  }

  private static int number(String text, String what) throws CommandFailure {
    try {
      return text.startsWith("0x")
          ? Integer.parseUnsignedInt(text.substring(2), HEX)
          : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new CommandFailure(1, "Invalid " + what + " '" + text + "'");
    }
  }

  private static Location locate(Remote remote, InodeHeader inode, ObjectId oid)
      throws CommandFailure {
    Nodes nodes = Nodes.of(remote);
    Map<NodeAddress, String> answers = new LinkedHashMap<>();
    for (NodeEntry node : nodes.entries()) {
      answers.put(node.address(), probe(node.address(), oid, remote.profile()));
    }
    Ring ring =
        Ring.of(
            nodes.entries().stream()
                .map(e -> new RingNode(e.address(), e.vnodes(), e.zone()))
                .toList());
    return new Location(
        oid, inode.vdiId(), inode.copies(), answers, ring.targets(oid, inode.copies()));
  }

  private static String probe(NodeAddress node, ObjectId oid, Profile profile) {
    try (Remote peer = Remote.open(node.host(), node.port(), profile)) {
      Reply reply =
          peer.call(Request.of(Opcode.EXIST, ObjectBody.of(oid, 0)), Unpooled.EMPTY_BUFFER);
      reply.release();
      if (reply.header().isSuccess()) {
        return "has the object";
      }
      return reply.header().is(ResultCode.NO_OBJ)
          ? "doesn't have the object"
          : "cannot tell: " + peer.text(reply.header());
    } catch (CommandFailure e) {
      return "cannot be asked: " + e.getMessage();
    }
  }

  private static void print(PrintStream out, Location found, Profile profile) {
    if (found.oid.equals(ObjectId.inode(found.vid))) {
      out.printf(
          "Looking for the inode object 0x%s with %d nodes%n%n", found.vid, found.nodes.size());
    } else {
      out.printf(
          "Looking for the object %s (vid 0x%s idx %d, %d copies) with %d nodes%n%n",
          found.oid, found.oid.vid(), found.oid.index(), found.copies, found.nodes.size());
    }
    found.nodes.forEach(
        (node, answer) -> {
          boolean guide = profile == Profile.COLLIE && answer.equals("has the object");
          out.println(
              guide
                  ? node + ": has the object (should be " + found.copies + " copies)"
                  : node + (profile == Profile.COLLIE ? ": " : " ") + answer);
        });
    if (profile == Profile.DOG) {
      out.println();
      out.println("This object can be found at the following locations:");
      out.println(
          found.expected.stream().map(NodeAddress::toString).collect(Collectors.joining(" ")));
    }
  }

  private static void write(JsonGenerator json, Location found) throws IOException {
    json.writeStartObject();
    json.writeStringField("object_id", found.oid.toString());
    json.writeNumberField("copies", found.copies);
    json.writeArrayFieldStart("nodes");
    for (Map.Entry<NodeAddress, String> node : found.nodes.entrySet()) {
      json.writeStartObject();
      json.writeStringField("host", node.getKey().host());
      json.writeNumberField("port", node.getKey().port());
      json.writeBooleanField("has_object", node.getValue().equals("has the object"));
      json.writeBooleanField("should_have", found.expected.contains(node.getKey()));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
