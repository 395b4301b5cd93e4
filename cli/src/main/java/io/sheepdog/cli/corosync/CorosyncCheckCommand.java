package io.sheepdog.cli.corosync;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Subcommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.corosyncconf.check.CorosyncCheck;
import io.sheepdog.corosyncconf.check.Finding;
import io.sheepdog.corosyncconf.host.LocalHost;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Parameters;

/**
 * {@code corosync check}: every mistake with its line, what corosync makes of it, and what to do.
 * Ends with 1 if there is an error, with 0 if there are warnings only.
 */
public final class CorosyncCheckCommand extends Subcommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "FILE")
  private String file = ConfFiles.DEFAULT;

  @Override
  protected int execute(Invocation invocation) throws CommandFailure {
    List<Finding> findings =
        CorosyncCheck.of(ConfFiles.read(file, invocation.profile()), LocalHost.system());
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, json -> write(json, findings));
    } else if (common().raw()) {
      findings.forEach(each -> raw(out, each));
    } else {
      table(out, findings);
      if (findings.stream().anyMatch(each -> each.key().startsWith("obsolete"))) {
        String command = invocation.profile().command() + " corosync upgrade " + file;
        PrintStream err = invocation.console().err();
        err.println("'" + command + " --node ADDRESS ...' makes a file for version 3 of it");
      }
    }
    return errors(findings) > 0 ? 1 : 0;
  }

  private static long errors(List<Finding> findings) {
    return findings.stream().filter(Finding::isError).count();
  }

  private void table(PrintStream out, List<Finding> findings) {
    if (findings.isEmpty()) {
      out.println(file + ": no mistakes found");
      return;
    }
    for (Finding each : findings) {
      String where = file + ":" + each.line() + ": " + each.severity().word() + ": ";
      out.println(where + each.what() + " [" + each.key() + "]");
      out.println("    why: " + each.why());
      out.println("    remedy: " + each.remedy());
    }
    long errors = errors(findings);
    long warnings = findings.size() - errors;
    out.println(count(errors, "error") + ", " + count(warnings, "warning"));
  }

  private static String count(long number, String word) {
    return number + " " + word + (number == 1 ? "" : "s");
  }

  private static void raw(PrintStream out, Finding each) {
    out.println(
        String.join(
            "\t",
            Integer.toString(each.line()),
            each.severity().word(),
            each.key(),
            each.what(),
            each.why(),
            each.remedy()));
  }

  private void write(JsonGenerator json, List<Finding> findings) throws IOException {
    json.writeStartObject();
    json.writeStringField("file", file);
    json.writeNumberField("errors", errors(findings));
    json.writeNumberField("warnings", findings.size() - errors(findings));
    json.writeArrayFieldStart("findings");
    for (Finding each : findings) {
      json.writeStartObject();
      json.writeStringField("severity", each.severity().word());
      json.writeNumberField("line", each.line());
      json.writeStringField("key", each.key());
      json.writeStringField("what", each.what());
      json.writeStringField("why", each.why());
      json.writeStringField("remedy", each.remedy());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
