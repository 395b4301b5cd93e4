package io.sheepdog.cli.vm;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.cli.remote.Vdis.Usage;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code vm list}: spec/cli-collie-2010.md section 10. */
public final class VmListCommand extends ToolCommand {
  private record Row(InodeHeader inode, Usage usage, @Nullable NodeAddress gateway) {
    String status() {
      return gateway == null ? "not running" : "running on " + gateway.host();
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    Vdis vdis = new Vdis(remote);
    Map<VdiId, NodeAddress> owners = new HashMap<>();
    for (VdiStatePayload state : vdis.states()) {
      if (state.lockState() == LockState.LOCKED) {
        owners.put(state.vid(), state.lockOwner());
      }
    }
    List<Row> rows = new ArrayList<>();
    for (InodeHeader inode : vdis.headers()) {
      if (!inode.isSnapshot()) {
        rows.add(new Row(inode, vdis.usage(inode), owners.get(inode.vdiId())));
      }
    }
    if (json) {
      Json.print(invocation.console().out(), generator -> write(generator, rows));
    } else {
      print(invocation.console(), rows, common().raw());
    }
    return 0;
  }

  private static void print(Console console, List<Row> rows, boolean raw) {
    if (!raw) {
      console.out().println("Name            |Vdi size |Allocated| Shared  | Status");
      console.out().println("----------------+---------+---------+---------+------------");
    }
    for (Row row : rows) {
      String line =
          raw
              ? String.format(
                  "%s %d %d %d %s",
                  row.inode.name().replaceAll("([\\s\\\\])", "\\\\$1"),
                  row.inode.vdiSize(),
                  row.usage.used(),
                  row.usage.shared(),
                  row.gateway == null ? "-" : row.gateway.host())
              : String.format(
                  "%-16s|%9s|%9s|%9s| %s",
                  row.inode.name(),
                  Sizes.human(row.inode.vdiSize()),
                  Sizes.human(row.usage.used()),
                  Sizes.human(row.usage.shared()),
                  row.status());
      console.out().println(row.gateway == null || raw ? line : console.bold(line));
    }
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
