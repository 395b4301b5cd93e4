package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi release}: ends the lock of an image, whoever holds it (spec/cli-collie-2010.md section
 * 9).
 */
public final class VdiReleaseCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    return release(remote, new Vdis(remote), name);
  }

  /** Ends the lock of the working image of that name, or gives up if there is none. */
  static int release(Remote remote, Vdis vdis, String name) throws CommandFailure {
    Response found = vdis.lookup(name, null);
    remote.require(found, name);
    VdiId vid = found.body() instanceof VdiReply reply ? reply.vdiId() : VdiId.NONE;
    // RELEASE_VDI succeeds whether or not there was a lock, so that clients may repeat it
    if (!vdis.states().lockOwners().containsKey(vid)) {
      throw new CommandFailure(1, name + ": " + remote.profile().text(ResultCode.VDI_NOT_LOCKED));
    }
    remote.require(remote.ask(Opcode.RELEASE_VDI, VdiBody.release(vid)), name);
    return 0;
  }
}
