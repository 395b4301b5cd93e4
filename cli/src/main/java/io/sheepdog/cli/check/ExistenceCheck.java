package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code vdi check -e}: whether each node has what it should have; nothing is read from disks. */
final class ExistenceCheck {
  private final Remote remote;
  private final Vdis vdis;

  ExistenceCheck(Remote remote, Vdis vdis) {
    this.remote = remote;
    this.vdis = vdis;
  }

  /** A copy that is not where it should be. */
  private record Missing(ObjectId oid, NodeAddress node) {}

  /**
   * Looks, and prints what is missing.
   *
   * @param document where a JSON document goes; null for text
   * @return exit code
   */
  int run(InodeHeader inode, Console console, @Nullable PrintStream document)
      throws CommandFailure {
    List<ObjectId> objects = new ArrayList<>();
    objects.add(ObjectId.inode(inode.vdiId()));
    objects.addAll(new ImageObjects(vdis).of(inode));
    List<Missing> missing = missing(inode, objects);
    long lost = missing.stream().map(Missing::oid).distinct().count();
    if (document != null) {
      Json.print(
          document,
          json -> {
            json.writeStartObject();
            json.writeStringField("name", inode.name());
            json.writeNumberField("objects", objects.size());
            json.writeArrayFieldStart("missing");
            for (Missing each : missing) {
              json.writeStartObject();
              json.writeStringField("object_id", each.oid.toString());
              json.writeStringField("host", each.node.host());
              json.writeNumberField("port", each.node.port());
              json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
          });
    } else {
      missing.forEach(
          each -> console.out().println("[" + each.node + "] oid " + each.oid + " is missing."));
      console
          .out()
          .println(
              missing.isEmpty()
                  ? inode.name() + " is fine, no object is missing."
                  : inode.name() + " lost " + lost + " object(s).");
    }
    return missing.isEmpty() ? 0 : 1;
  }

  private List<Missing> missing(InodeHeader inode, List<ObjectId> objects) throws CommandFailure {
    List<RingNode> nodes = new ArrayList<>();
    for (NodeEntry node : Nodes.of(remote).entries()) {
      nodes.add(new RingNode(node.address(), node.vnodes(), node.zone()));
    }
    Ring ring = Ring.of(nodes);
    Map<NodeAddress, List<ObjectId>> expected = new TreeMap<>();
    for (ObjectId oid : objects) {
      for (NodeAddress home : ring.targets(oid, inode.copies())) {
        expected.computeIfAbsent(home, h -> new ArrayList<>()).add(oid);
      }
    }
    List<Missing> missing = new ArrayList<>();
    for (Map.Entry<NodeAddress, List<ObjectId>> node : expected.entrySet()) {
      ask(node.getKey(), node.getValue(), missing);
    }
    return missing;
  }

  private void ask(NodeAddress node, List<ObjectId> objects, List<Missing> missing)
      throws CommandFailure {
    List<Request> requests =
        objects.stream().map(oid -> Request.of(Opcode.EXIST, ObjectBody.of(oid, 0))).toList();
    try (Remote peer = Remote.openForStatus(node, remote.profile())) {
      peer.fetchAll(
          requests,
          (number, reply) -> {
            if (reply.header().is(ResultCode.NO_OBJ)) {
              missing.add(new Missing(objects.get(number), node));
            } else {
              peer.require(reply.header(), "Failed to ask " + node);
            }
          });
    }
  }
}
