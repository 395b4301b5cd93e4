package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an object is: every node is asked.
 *
 * @param oid the object
 * @param inode the image
 * @param answers of the nodes, in their order
 * @param expected nodes that should have it, in the order of the ring
 */
record Probe(ObjectId oid, InodeHeader inode, List<Answer> answers, List<NodeAddress> expected) {
  /**
   * What a node said.
   *
   * @param node the node
   * @param has whether it has the object
   * @param trouble why that is not known, null if it is
   */
  record Answer(NodeAddress node, boolean has, @Nullable String trouble) {}

  static Probe of(Remote remote, InodeHeader inode, ObjectId oid) throws CommandFailure {
    Nodes nodes = Nodes.of(remote);
    List<Answer> answers = new ArrayList<>();
    List<RingNode> ring = new ArrayList<>();
    for (NodeEntry node : nodes.entries()) {
      answers.add(ask(node.address(), oid, remote.profile()));
      ring.add(new RingNode(node.address(), node.vnodes(), node.zone()));
    }
    return new Probe(oid, inode, answers, Ring.of(ring).targets(oid, inode.copies()));
  }

  private static Answer ask(NodeAddress node, ObjectId oid, Profile profile) {
    try (Remote peer = Remote.openForStatus(node, profile)) {
      Reply reply =
          peer.call(Request.of(Opcode.EXIST, ObjectBody.of(oid, 0)), Unpooled.EMPTY_BUFFER);
      reply.release();
      boolean has = reply.header().isSuccess();
      boolean known = has || reply.header().is(ResultCode.NO_OBJ);
      return new Answer(node, has, known ? null : peer.text(reply.header()));
    } catch (CommandFailure e) {
      return new Answer(node, false, e.getMessage());
    }
  }

  /** The form of May 2010. */
  void printGuide(PrintStream out) {
    heading(out);
    for (Answer answer : answers) {
      String text =
          answer.trouble != null
              ? "cannot tell: " + answer.trouble
              : answer.has
                  ? "has the object (should be " + inode.copies() + " copies)"
                  : "doesn't have the object";
      out.println(answer.node + ": " + text);
    }
  }

  /** The form of version 1.0. */
  void printDog(PrintStream out) {
    heading(out);
    for (Answer answer : answers) {
      String text =
          answer.trouble != null
              ? "cannot tell: " + answer.trouble
              : answer.has ? "has the object" : "doesn't have the object";
      out.println(answer.node + " " + text);
    }
    out.println();
    if (answers.size() < inode.copies()) {
      out.println(
          "The number of nodes ("
              + answers.size()
              + ") is smaller than the number of copies ("
              + inode.copies()
              + "): every node should have the object");
      return;
    }
    out.println("According to sheepdog algorithm, the object should be located at:");
    List<String> words = new ArrayList<>();
    expected.forEach(node -> words.add(node.toString()));
    out.println(String.join(" ", words));
  }

  private void heading(PrintStream out) {
    boolean isInode = oid.equals(ObjectId.inode(inode.vdiId()));
    out.println(
        isInode
            ? "Looking for the inode object 0x"
                + inode.vdiId()
                + " with "
                + answers.size()
                + " nodes"
            : "Looking for the object "
                + oid
                + " (vid 0x"
                + oid.vid()
                + " idx "
                + oid.index()
                + ", "
                + inode.copies()
                + " copies) with "
                + answers.size()
                + " nodes");
    out.println();
  }

  /** The JSON document. */
  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("object_id", oid.toString());
    json.writeNumberField("copies", inode.copies());
    json.writeArrayFieldStart("nodes");
    for (Answer answer : answers) {
      json.writeStartObject();
      json.writeStringField("host", answer.node.host());
      json.writeNumberField("port", answer.node.port());
      json.writeBooleanField("has_object", answer.has);
      json.writeBooleanField("should_have", expected.contains(answer.node));
      if (answer.trouble != null) {
        json.writeStringField("trouble", answer.trouble);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
