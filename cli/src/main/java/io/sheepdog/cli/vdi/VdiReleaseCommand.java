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
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi release}: ends the lock of an image, whoever holds it (spec/cli-collie-2010.md section
 * 9).
 */
public final class VdiReleaseCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME", description = "the image")
  private String name = "";

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    Response found = vdis.lookup(name, null);
    remote.require(found, name);
    VdiId vid = ((VdiReply) found.body()).vdiId();
    // RELEASE_VDI succeeds whether or not there was a lock, so that clients may repeat it
    if (!isLocked(vdis, vid)) {
      throw new CommandFailure(
          1, name + ": " + invocation.profile().text(ResultCode.VDI_NOT_LOCKED));
    }
    remote.require(remote.ask(Opcode.RELEASE_VDI, VdiBody.release(vid)), name);
    return 0;
  }

  private static boolean isLocked(Vdis vdis, VdiId vid) throws CommandFailure {
    for (VdiStatePayload state : vdis.states()) {
      if (state.vid().equals(vid)) {
        return state.lockState() != LockState.UNLOCKED;
      }
    }
    return false;
  }
}
