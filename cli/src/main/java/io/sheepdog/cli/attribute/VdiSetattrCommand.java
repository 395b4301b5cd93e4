package io.sheepdog.cli.attribute;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi setattr}: spec/cli-dog-1.0.md section 2.15. */
public final class VdiSetattrCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", paramLabel = "KEY")
  private String key = "";

  @Parameters(index = "2", arity = "0..1", paramLabel = "VALUE")
  private @Nullable String value;

  @Option(
      names = {"-x", "--exclusive"},
      description = "only if there is no such attribute; of several that try, one succeeds")
  private boolean exclusive;

  @Option(
      names = {"-d", "--delete"},
      description = "delete the attribute")
  private boolean delete;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usageExit = invocation.profile().usageExit();
    Attributes.checkKey(key, usageExit);
    if (delete && (exclusive || value != null)) {
      throw new CommandFailure(usageExit, "-d deletes the attribute: give no value and no -x");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Attributes attributes = new Attributes(remote, name);
    if (delete) {
      attributes.delete(key);
    } else {
      attributes.set(key, value(invocation), exclusive);
    }
    return 0;
  }

  private byte[] value(Invocation invocation) throws CommandFailure {
    String given = value;
    if (given != null) {
      return given.getBytes(StandardCharsets.UTF_8);
    }
    Console console = invocation.console();
    if (console.inputIsTerminal()) {
      console.err().println("reading the value from the terminal; Ctrl-D ends it");
      console.err().flush();
    }
    try {
      // one byte more than fits shows that there is too much
      return console.in().readNBytes(Limits.ATTRIBUTE_VALUE_SIZE + 1);
    } catch (IOException e) {
      throw new CommandFailure(
          invocation.profile().systemExit(),
          "Failed to read from standard input: " + Words.orName(e));
    }
  }
}
