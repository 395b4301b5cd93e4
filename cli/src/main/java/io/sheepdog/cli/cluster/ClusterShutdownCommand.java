package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.RawBody;

/** {@code cluster shutdown}: spec/cli-collie-2010.md section 13. */
public final class ClusterShutdownCommand extends ToolCommand {

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    remote.require(remote.ask(Opcode.SHUTDOWN, RawBody.EMPTY), "Shutdown failed");
    return 0;
  }
}
