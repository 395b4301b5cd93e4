package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** {@code node info}: spec/cli-collie-2010.md section 4, spec/cli-dog-1.0.md section 3.2. */
public final class NodeInfoCommand extends ToolCommand {

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Survey survey = Survey.of(remote);
    Profile profile = invocation.profile();
    if (survey.rows.isEmpty()) {
      throw new CommandFailure(
          profile.systemExit(),
          String.join(
              System.lineSeparator() + "  ",
              concat("Cannot get information from any nodes", survey.complaints)));
    }
    survey.complaints.forEach(invocation.console().err()::println);
    long virtual = virtualSize(remote);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, generator -> write(generator, survey.rows, virtual));
    } else if (common().raw()) {
      raw(out, survey.rows, virtual);
    } else if (profile == Profile.DOG) {
      dogTable(out, survey.rows, virtual);
    } else {
      guideTable(out, survey.rows, virtual);
    }
    return profile == Profile.COLLIE && survey.unreachable ? 1 : 0;
  }

  private static List<String> concat(String first, List<String> rest) {
    List<String> all = new ArrayList<>();
    all.add(first);
    all.addAll(rest);
    return all;
  }

  private static long virtualSize(Remote remote) throws CommandFailure {
    long sum = 0;
    for (InodeHeader header : new Vdis(remote).headers()) {
      sum += header.isSnapshot() ? 0 : header.vdiSize();
    }
    return sum;
  }

  /** What the nodes answered for themselves. */
  private static final class Survey {
    final List<Row> rows = new ArrayList<>();
    final List<String> complaints = new ArrayList<>();
    boolean unreachable;

    static Survey of(Remote remote) throws CommandFailure {
      Survey survey = new Survey();
      List<NodeEntry> nodes = Nodes.of(remote).entries();
      for (int i = 0; i < nodes.size(); i++) {
        survey.ask(i, nodes.get(i), remote.profile());
      }
      return survey;
    }

    private void ask(int id, NodeEntry node, Profile profile) {
      try (Remote peer = Remote.openForStatus(node.address(), profile)) {
        Reply reply =
            peer.call(Request.of(Opcode.STAT_SHEEP, RawBody.EMPTY), Unpooled.EMPTY_BUFFER);
        reply.release();
        if (reply.header().isSuccess() && reply.header().body() instanceof NodeReply stat) {
          rows.add(new Row(id, node, new Space(stat.storeSize(), stat.storeFree())));
        } else {
          complaints.add(node.address() + ": " + peer.text(reply.header()));
        }
      } catch (CommandFailure e) {
        complaints.add(String.valueOf(e.getMessage()));
        unreachable = true;
      }
    }
  }

  private record Row(int id, NodeEntry node, Space space) {}

  /** Bytes of a store, or of all. */
  private record Space(long size, long free) {
    private static final int PERCENT = 100;

    long used() {
      return size - free;
    }

    /** Truncated, as all the versions did. */
    String percent() {
      return (size == 0 ? 0 : (long) ((double) used() / size * PERCENT)) + "%";
    }

    static Space sum(List<Row> rows) {
      long size = 0;
      long free = 0;
      for (Row row : rows) {
        size += row.space.size;
        free += row.space.free;
      }
      return new Space(size, free);
    }
  }

  private static void guideTable(PrintStream out, List<Row> rows, long virtual) {
    out.println("Id\tSize\tUsed\tUse%");
    for (Row row : rows) {
      out.println(Words.right(row.id, 2) + "\t" + guideFields(row.space));
    }
    out.println();
    out.println(
        "Total\t"
            + guideFields(Space.sum(rows))
            + ", total virtual VDI Size\t"
            + Sizes.human(virtual));
  }

  private static String guideFields(Space space) {
    return Sizes.human(space.size)
        + "\t"
        + Sizes.human(space.used())
        + "\t"
        + Words.right(space.percent(), 4);
  }

  private static void dogTable(PrintStream out, List<Row> rows, long virtual) {
    out.println("Id\tSize\tUsed\tAvail\tUse%");
    for (Row row : rows) {
      out.println(Words.right(row.id, 2) + "\t" + dogFields(row.space));
    }
    out.println("Total\t" + dogFields(Space.sum(rows)));
    out.println();
    out.println("Total virtual image size\t" + Sizes.human(virtual));
  }

  private static String dogFields(Space space) {
    return Sizes.human(space.size)
        + "\t"
        + Sizes.human(space.used())
        + "\t"
        + Sizes.human(space.free)
        + "\t"
        + Words.right(space.percent(), 4);
  }

  private static void raw(PrintStream out, List<Row> rows, long virtual) {
    for (Row row : rows) {
      out.println(row.id + " " + rawFields(row.space));
    }
    out.println("Total " + rawFields(Space.sum(rows)) + " " + virtual);
  }

  private static String rawFields(Space space) {
    return space.size + " " + space.used() + " " + space.free + " " + space.percent();
  }

  private static void write(JsonGenerator json, List<Row> rows, long virtual) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("nodes");
    for (Row row : rows) {
      json.writeStartObject();
      json.writeStringField("host", row.node.address().host());
      json.writeNumberField("port", row.node.address().port());
      json.writeNumberField("size", row.space.size);
      json.writeNumberField("used", row.space.used());
      json.writeNumberField("free", row.space.free);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("virtual_size", virtual);
    json.writeEndObject();
  }
}
