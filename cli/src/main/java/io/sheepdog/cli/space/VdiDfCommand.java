package io.sheepdog.cli.space;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.cli.space.SpaceSurvey.Row;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.io.PrintStream;

/** {@code vdi df}: what is used, by whom, and what a deletion would give back. */
public final class VdiDfCommand extends ToolCommand {
  private static final int NAME_WIDTH = 8;
  private static final int ID_WIDTH = 5;
  private static final int SIZE_WIDTH = 7;
  private static final int COPIES_WIDTH = 6;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    SpaceSurvey survey = SpaceSurvey.of(vdis.usages(), vdis);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, json -> write(json, survey));
    } else if (common().raw()) {
      survey.rows().forEach(row -> out.println(raw(row)));
    } else {
      out.println("  Name        Id    Size    Used   Freed  Copies  Tag");
      survey.rows().forEach(row -> out.println(row(row)));
      out.println();
      out.println(
          "Freed: what a deletion of this one alone would give back, on each of its copies");
    }
    return 0;
  }

  private static int id(InodeHeader inode) {
    return inode.isSnapshot() ? inode.snapshotId() : 0;
  }

  private static String row(Row row) {
    InodeHeader inode = row.inode();
    return (inode.isSnapshot() ? "s " : "  ")
        + Words.left(inode.name(), NAME_WIDTH)
        + " "
        + Words.right(id(inode), ID_WIDTH)
        + " "
        + Words.right(Sizes.human(inode.vdiSize()), SIZE_WIDTH)
        + " "
        + Words.right(Sizes.human(row.named()), SIZE_WIDTH)
        + " "
        + Words.right(Sizes.human(row.alone()), SIZE_WIDTH)
        + "  "
        + Words.right(inode.copies(), COPIES_WIDTH)
        + (inode.tag().isEmpty() ? "" : "  " + inode.tag());
  }

  private static String raw(Row row) {
    InodeHeader inode = row.inode();
    return (inode.isSnapshot() ? "s " : "= ")
        + Words.escaped(inode.name())
        + " "
        + id(inode)
        + " "
        + inode.vdiSize()
        + " "
        + row.named()
        + " "
        + row.alone()
        + " "
        + inode.copies()
        + " "
        + Words.escaped(inode.tag());
  }

  private static void write(JsonGenerator json, SpaceSurvey survey) throws IOException {
    json.writeStartArray();
    for (Row row : survey.rows()) {
      InodeHeader inode = row.inode();
      json.writeStartObject();
      json.writeStringField("name", inode.name());
      json.writeNumberField("snapshot_id", id(inode));
      json.writeStringField("tag", inode.tag());
      json.writeNumberField("size", inode.vdiSize());
      json.writeNumberField("used", row.named());
      json.writeNumberField("freed", row.alone());
      json.writeNumberField("copies", inode.copies());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
