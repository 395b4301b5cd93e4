package io.sheepdog.cli.attribute;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Parameters;

/** {@code vdi getattr}: spec/cli-dog-1.0.md section 2.15. */
public final class VdiGetattrCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", paramLabel = "KEY")
  private String key = "";

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    Attributes.checkKey(key, invocation.profile().usageExit());
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    byte[] value = new Attributes(remote, name).get(key);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeStringField("key", key);
            json.writeStringField("value", new String(value, StandardCharsets.UTF_8));
            json.writeEndObject();
          });
    } else {
      out.write(value, 0, value.length);
    }
    return 0;
  }
}
