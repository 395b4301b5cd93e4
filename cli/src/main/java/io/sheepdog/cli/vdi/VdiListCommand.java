package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.cli.remote.Vdis.Usage;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** {@code vdi list}: spec/cli-collie-2010.md section 5, spec/cli-dog-1.0.md section 2.1. */
public final class VdiListCommand extends ToolCommand {
  private static final String RULE = "-".repeat(68);

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "only this image and its snapshots")
  private @Nullable String name;

  private record Row(InodeHeader inode, Usage usage) {
    boolean isClone() {
      return !inode.isSnapshot() && inode.snapshotId() == 1 && !inode.parentVdiId().isNone();
    }

    char kind(char working) {
      return inode.isSnapshot() ? 's' : isClone() ? 'c' : working;
    }

    int dogId() {
      return inode.isSnapshot() ? inode.snapshotId() : 0;
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    boolean json = common().json(invocation.profile());
    Vdis vdis = new Vdis(remote);
    List<Row> rows = new ArrayList<>();
    for (InodeHeader header : vdis.headers()) {
      if (name == null || name.equals(header.name())) {
        rows.add(new Row(header, vdis.usage(header)));
      }
    }
    PrintStream out = invocation.console().out();
    if (json) {
      Json.print(out, generator -> write(generator, rows));
    } else if (common().raw()) {
      rows.forEach(row -> raw(out, row));
    } else if (invocation.profile() == Profile.COLLIE) {
      out.println("  name        id    size    used  shared    creation time  object id");
      out.println(RULE);
      rows.forEach(row -> guideRow(out, row));
    } else {
      out.println(
          "  Name        Id    Size    Used  Shared    Creation time   VDI id  Copies  Tag   Block Size Shift");
      rows.forEach(row -> dogRow(out, row));
    }
    return 0;
  }

  private static void guideRow(PrintStream out, Row row) {
    InodeHeader inode = row.inode;
    out.printf(
        "%s %-8s %5d %7s %7s %7s %s  %9s%n",
        inode.isSnapshot() ? "s" : " ",
        inode.name(),
        inode.snapshotId(),
        Sizes.human(inode.vdiSize()),
        Sizes.human(row.usage.used()),
        Sizes.human(row.usage.shared()),
        Times.minute(inode.createTime().seconds()),
        ObjectId.inode(inode.vdiId()));
  }

  private static void dogRow(PrintStream out, Row row) {
    InodeHeader inode = row.inode;
    out.printf(
        "%c %-8s %5d %7s %7s %7s %s  %7s %6s %13s %3d%n",
        row.kind(' '),
        inode.name(),
        row.dogId(),
        Sizes.human(inode.vdiSize()),
        Sizes.human(row.usage.used()),
        Sizes.human(row.usage.shared()),
        Times.minute(inode.createTime().seconds()),
        inode.vdiId(),
        copies(inode),
        inode.tag(),
        inode.blockSizeShift());
  }

  private static void raw(PrintStream out, Row row) {
    InodeHeader inode = row.inode;
    out.printf(
        "%c %s %d %d %d %d %d %s %s %s %d%n",
        row.kind('='),
        inode.name().replaceAll("([\\s\\\\])", "\\\\$1"),
        row.dogId(),
        inode.vdiSize(),
        row.usage.used(),
        row.usage.shared(),
        inode.createTime().seconds(),
        inode.vdiId(),
        copies(inode),
        inode.tag(),
        inode.blockSizeShift());
  }

  private static String copies(InodeHeader inode) {
    int policy = inode.copyPolicy();
    if (policy == 0) {
      return Integer.toString(inode.copies());
    }
    return (policy >> 4) * 2 + ":" + (policy & 0xf);
  }

  private static void write(JsonGenerator json, List<Row> rows) throws IOException {
    json.writeStartArray();
    for (Row row : rows) {
      InodeHeader inode = row.inode;
      json.writeStartObject();
      json.writeStringField("name", inode.name());
      json.writeStringField(
          "kind", inode.isSnapshot() ? "snapshot" : row.isClone() ? "clone" : "working");
      json.writeNumberField("snapshot_id", inode.snapshotId());
      json.writeStringField("tag", inode.tag());
      json.writeNumberField("size", inode.vdiSize());
      json.writeNumberField("used", row.usage.used());
      json.writeNumberField("shared", row.usage.shared());
      json.writeNumberField("created", inode.createTime().seconds());
      SheepTime taken = inode.snapshotTime();
      if (!taken.isNone()) {
        json.writeNumberField("snapshot_taken", taken.seconds());
      }
      json.writeStringField("vid", inode.vdiId().toString());
      json.writeStringField("parent_vid", inode.parentVdiId().toString());
      json.writeStringField("object_id", ObjectId.inode(inode.vdiId()).toString());
      json.writeStringField("copies", copies(inode));
      json.writeNumberField("block_size_shift", inode.blockSizeShift());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
