package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.RawBody;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code cluster recover enable|disable}: spec/cli-dog-1.0.md section 4.4. */
public final class ClusterRecoverCommand extends ToolCommand {
  private static final List<String> KNOWN = List.of("enable", "disable");

  @Parameters(arity = "0..1", paramLabel = "enable|disable")
  private List<String> words = new ArrayList<>();

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (words.isEmpty()) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "'cluster recover' needs a third word: enable or disable");
    }
    if (!KNOWN.contains(words.get(0))) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid argument '" + words.get(0) + "': enable or disable is expected");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    String word = words.get(0);
    Opcode opcode = word.equals("enable") ? Opcode.ENABLE_RECOVER : Opcode.DISABLE_RECOVER;
    remote.require(remote.ask(opcode, RawBody.EMPTY), "failed to execute request");
    invocation.console().out().println("Cluster recovery: " + word);
    return 0;
  }
}
