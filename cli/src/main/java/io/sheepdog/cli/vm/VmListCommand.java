package io.sheepdog.cli.vm;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Usage;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.VdiUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code vm list}: spec/cli-collie-2010.md section 10. */
public final class VmListCommand extends ToolCommand {
  private static final int NAME_WIDTH = 16;
  private static final int SIZE_WIDTH = 9;

  private record Row(InodeHeader inode, Usage usage, @Nullable NodeAddress gateway) {
    String status() {
      return gateway == null ? "not running" : "running on " + gateway.host();
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    Map<VdiId, NodeAddress> owners = vdis.states().lockOwners();
    List<Row> rows = new ArrayList<>();
    for (VdiUsage usage : vdis.usages()) {
      InodeHeader inode = usage.inode();
      if (!inode.isSnapshot()) {
        rows.add(new Row(inode, Usage.of(usage), owners.get(inode.vdiId())));
      }
    }
    if (common().json()) {
      Json.print(invocation.console().out(), generator -> write(generator, rows));
    } else if (common().raw()) {
      rows.forEach(row -> invocation.console().out().println(raw(row)));
    } else {
      table(invocation.console(), rows);
    }
    return 0;
  }

  private static void table(Console console, List<Row> rows) {
    console.out().println("Name            |Vdi size |Allocated| Shared  | Status");
    console.out().println("----------------+---------+---------+---------+------------");
    for (Row row : rows) {
      String line =
          Words.left(row.inode.name(), NAME_WIDTH)
              + size(row.inode.vdiSize())
              + size(row.usage.used())
              + size(row.usage.shared())
              + "| "
              + row.status();
      console.out().println(row.gateway == null ? line : console.bold(line));
    }
  }

  private static String size(long bytes) {
    return "|" + Words.right(Sizes.human(bytes), SIZE_WIDTH);
  }

  private static String raw(Row row) {
    return Words.escaped(row.inode.name())
        + " "
        + row.inode.vdiSize()
        + " "
        + row.usage.used()
        + " "
        + row.usage.shared()
        + " "
        + (row.gateway == null ? "-" : row.gateway.host());
  }

  private static void write(JsonGenerator json, List<Row> rows) throws IOException {
    json.writeStartArray();
    for (Row row : rows) {
      json.writeStartObject();
      json.writeStringField("name", row.inode.name());
      json.writeStringField("vid", row.inode.vdiId().toString());
      json.writeNumberField("size", row.inode.vdiSize());
      json.writeNumberField("used", row.usage.used());
      json.writeNumberField("shared", row.usage.shared());
      json.writeBooleanField("running", row.gateway != null);
      if (row.gateway != null) {
        json.writeStringField("gateway_host", row.gateway.host());
        json.writeNumberField("gateway_port", row.gateway.port());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
