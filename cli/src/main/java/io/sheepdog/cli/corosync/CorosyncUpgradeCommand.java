package io.sheepdog.cli.corosync;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.Subcommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import io.sheepdog.corosyncconf.make.ConfMakeException;
import io.sheepdog.corosyncconf.make.ConfUpgrade;
import io.sheepdog.corosyncconf.make.Node;
import io.sheepdog.corosyncconf.make.Upgraded;
import io.sheepdog.corosyncconf.make.Upgraded.Change;
import io.sheepdog.corosyncconf.text.ConfText;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code corosync upgrade}: the new file on standard output, everything that was dropped, changed
 * or added on standard error.
 */
public final class CorosyncUpgradeCommand extends Subcommand {
  @Mixin private final NewConfOptions options = new NewConfOptions();

  @Parameters(index = "0", arity = "0..1", paramLabel = "FILE")
  private String file = ConfFiles.DEFAULT;

  @Override
  protected int execute(Invocation invocation) throws CommandFailure {
    Profile profile = invocation.profile();
    List<Node> nodes = options.nodes(profile);
    Upgraded upgraded = upgrade(ConfFiles.read(file, profile), nodes);
    options.writeToTarget(upgraded.bytes(), profile);
    if (common().json()) {
      Json.print(invocation.console().out(), json -> write(json, upgraded));
      return 0;
    }
    options.print(invocation, upgraded.bytes());
    report(invocation.console().err(), upgraded.changes());
    return 0;
  }

  private Upgraded upgrade(ConfText text, List<Node> nodes) throws CommandFailure {
    try {
      return ConfUpgrade.of(text, nodes);
    } catch (ConfMakeException e) {
      throw new CommandFailure(1, "cannot upgrade " + file + ": " + Words.orName(e));
    }
  }

  private void report(PrintStream err, List<Change> changes) {
    for (Change change : changes) {
      err.println(file + (change.line() == 0 ? "" : ":" + change.line()) + ": " + change.what());
    }
  }

  private void write(JsonGenerator json, Upgraded upgraded) throws IOException {
    json.writeStartObject();
    json.writeStringField("file", file);
    json.writeArrayFieldStart("changes");
    for (Change change : upgraded.changes()) {
      json.writeStartObject();
      if (change.line() != 0) {
        json.writeNumberField("line", change.line());
      }
      json.writeStringField("what", change.what());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("text", NewConfOptions.text(upgraded.bytes()));
    json.writeEndObject();
  }
}
