package io.sheepdog.cli.node;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.NodeEntry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node kill}: spec/cli-dog-1.0.md section 3.4. */
public final class NodeKillCommand extends ToolCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "ID")
  private @Nullable String id;

  @Option(
      names = {"-l", "--local"},
      description = "the daemon that is talked to")
  private boolean local;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (local == (id != null)) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Name one node: ID as 'node list' shows it, or -l for the one that is talked to");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    String wanted = id;
    if (wanted == null) {
      kill(remote, "Failed to stop " + remote.endpoint());
      return 0;
    }
    NodeEntry node = NodeSelection.byId(Nodes.of(remote), wanted, invocation.profile().usageExit());
    try (Remote peer = Remote.openForStatus(node.address(), remote.profile())) {
      kill(peer, "Failed to stop " + node.address());
    }
    return 0;
  }

  private static void kill(Remote node, String what) throws CommandFailure {
    node.require(node.ask(Opcode.KILL_NODE, RawBody.EMPTY), what);
  }
}
