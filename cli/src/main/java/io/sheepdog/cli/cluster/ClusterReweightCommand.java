package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;

/** {@code cluster reweight}: spec/cli-dog-1.0.md section 4.6. */
public final class ClusterReweightCommand extends ToolCommand {
  private static final String FAILED = "Failed to weigh the nodes again";

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Response response = remote.ask(Opcode.REWEIGHT, RawBody.EMPTY);
    if (response.is(ResultCode.NETWORK_ERROR)) {
      throw new CommandFailure(
          1,
          FAILED
              + ": a node did not say how large its disk is, and nothing was changed; try again"
              + " when 'node info' shows all nodes of 'node list'");
    }
    if (response.is(ResultCode.INVALID_VNODES_STRATEGY)) {
      throw new CommandFailure(
          1,
          FAILED
              + ": the cluster was formatted with fixed numbers of virtual nodes; 'node vnodes"
              + " set' changes that of a node");
    }
    remote.require(response, FAILED);
    return 0;
  }
}
