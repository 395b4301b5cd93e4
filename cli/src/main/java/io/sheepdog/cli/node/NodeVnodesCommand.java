package io.sheepdog.cli.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code node vnodes set N}: spec/cli-dog-1.0.md section 3.8. */
public final class NodeVnodesCommand extends ToolCommand {
  /** Upstream returns -1 there, and scripts see it. */
  private static final int DOG_FAILURE = 255;

  @Parameters(arity = "2", paramLabel = "set N")
  private List<String> words = new ArrayList<>();

  private int wanted;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usage = invocation.profile().usageExit();
    if (!words.get(0).equals("set")) {
      throw new CommandFailure(
          usage, "Invalid arguments '" + String.join(" ", words) + "': set N is expected");
    }
    String number = words.get(1);
    wanted = number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : 0;
    if (wanted < 1 || wanted > Limits.MAX_VNODES) {
      throw new CommandFailure(
          usage,
          "Invalid number of vnodes '"
              + number
              + "': must be an integer between 1 and "
              + Limits.MAX_VNODES);
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    ByteBuf payload = Unpooled.buffer(Integer.BYTES).writeIntLE(wanted);
    Response response = remote.send(Opcode.SET_VNODES, RequestFlags.NONE, RawBody.EMPTY, payload);
    if (!response.isSuccess()) {
      throw new CommandFailure(
          invocation.profile() == Profile.DOG ? DOG_FAILURE : 1,
          "Failed to execute request: " + remote.text(response) + advice(response));
    }
    return 0;
  }

  private static String advice(Response response) {
    if (response.is(ResultCode.INVALID_VNODES_STRATEGY)) {
      return "; the numbers of virtual nodes of this cluster follow from the sizes of the disks, see"
          + " 'cluster reweight'";
    }
    return response.is(ResultCode.GATEWAY_MODE)
        ? "; the node holds no objects: it is a gateway, or its disk has failed"
        : "";
  }
}
