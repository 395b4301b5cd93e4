package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.VdiBody;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi lock}: holds the lock as if a VM had opened the image, until {@code vdi release}
 * (spec/cli-collie-2010.md section 9).
 */
public final class VdiLockCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME", description = "the image")
  private String name = "";

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    remote.require(
        new Vdis(remote).nameRequest(Opcode.LOCK_VDI, name, null, VdiBody.LOCK_HELD), name);
    return 0;
  }
}
