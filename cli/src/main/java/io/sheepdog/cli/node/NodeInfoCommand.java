package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
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
  private static final long PERCENT = 100;

  private record Row(int id, NodeEntry node, long size, long free) {
    long used() {
      return size - free;
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    List<Row> rows = ask(remote, invocation.console().err());
    long virtual = 0;
    if (!rows.isEmpty()) {
      for (InodeHeader header : new Vdis(remote).headers()) {
        virtual += header.isSnapshot() ? 0 : header.vdiSize();
      }
    }
    if (rows.isEmpty()) {
      throw new CommandFailure(
          invocation.profile().systemExit(),
          "Cannot get information from any nodes: is the cluster formatted? ("
              + invocation.profile().command()
              + " cluster info)");
    }
    PrintStream out = invocation.console().out();
    long virtualSize = virtual;
    if (json) {
      Json.print(out, generator -> write(generator, rows, virtualSize));
    } else if (common().raw()) {
      raw(out, rows, virtualSize);
    } else {
      table(out, rows, virtualSize, invocation.profile());
    }
    return 0;
  }

  /** Each node answers for itself; one that cannot is left out with a line on standard error. */
  private static List<Row> ask(Remote remote, PrintStream err) throws CommandFailure {
    List<Row> rows = new ArrayList<>();
    List<NodeEntry> nodes = Nodes.of(remote).entries();
    for (int i = 0; i < nodes.size(); i++) {
      NodeEntry node = nodes.get(i);
      try (Remote peer =
          Remote.open(node.address().host(), node.address().port(), remote.profile())) {
        Reply reply =
            peer.call(Request.of(Opcode.STAT_SHEEP, RawBody.EMPTY), Unpooled.EMPTY_BUFFER);
        reply.release();
        if (reply.header().isSuccess() && reply.header().body() instanceof NodeReply stat) {
          rows.add(new Row(i, node, stat.storeSize(), stat.storeFree()));
        } else {
          err.println(node.address() + ": " + peer.text(reply.header()));
        }
      } catch (CommandFailure e) {
        err.println(e.getMessage());
      }
    }
    return rows;
  }

  private static void table(PrintStream out, List<Row> rows, long virtual, Profile profile) {
    boolean dog = profile == Profile.DOG;
    out.println(dog ? "Id\tSize\tUsed\tAvail\tUse%" : "Id\tSize\tUsed\tUse%");
    for (Row row : rows) {
      out.printf("%2d\t%s%n", row.id, fields(row.size, row.free, dog));
    }
    long size = rows.stream().mapToLong(Row::size).sum();
    long free = rows.stream().mapToLong(Row::free).sum();
    if (dog) {
      out.printf(
          "Total\t%s%n%nTotal virtual image size\t%s%n",
          fields(size, free, true), Sizes.human(virtual));
    } else {
      out.printf(
          "%nTotal\t%s, total virtual VDI Size\t%s%n",
          fields(size, free, false), Sizes.human(virtual));
    }
  }

  private static String fields(long size, long free, boolean withFree) {
    return Sizes.human(size)
        + "\t"
        + Sizes.human(size - free)
        + (withFree ? "\t" + Sizes.human(free) : "")
        + String.format("\t%3d%%", percent(size, free));
  }

  private static long percent(long size, long free) {
    return size == 0 ? 0 : (long) ((double) (size - free) / size * PERCENT);
  }

  private static void raw(PrintStream out, List<Row> rows, long virtual) {
    long size = 0;
    long free = 0;
    for (Row row : rows) {
      out.printf(
          "%d %d %d %d %d%%%n",
          row.id, row.size, row.used(), row.free, percent(row.size, row.free));
      size += row.size;
      free += row.free;
    }
    out.printf("Total %d %d %d %d%% %d%n", size, size - free, free, percent(size, free), virtual);
  }

  private static void write(JsonGenerator json, List<Row> rows, long virtual) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("nodes");
    for (Row row : rows) {
      json.writeStartObject();
      json.writeStringField("host", row.node.address().host());
      json.writeNumberField("port", row.node.address().port());
      json.writeNumberField("size", row.size);
      json.writeNumberField("used", row.used());
      json.writeNumberField("free", row.free);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("virtual_size", virtual);
    json.writeEndObject();
  }
}
