package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.cluster.NumberOfCopies;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiStateBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi alter-copy}: spec/cli-dog-1.0.md section 2.16. */
public final class VdiAlterCopyCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "copies from now on, 1 to 31 (default 3)")
  private @Nullable String copies;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask")
  private boolean force;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    int wanted = NumberOfCopies.wanted(copies, console, invocation.profile());
    InodeHeader inode = new Vdis(remote).open(name, null);
    int before = inode.copies();
    if (before == wanted) {
      throw new CommandFailure(
          1, name + "'s redundancy level is already set to " + wanted + ", nothing changed.");
    }
    if (!NumberOfCopies.isConfirmed(console, remote, force, before, wanted, name)) {
      return 0;
    }
    VdiStateBody body =
        new VdiStateBody(VdiId.NONE, inode.vdiId(), wanted, false, 0, inode.blockSizeShift());
    Response response = remote.ask(Opcode.ALTER_VDI_COPY, body);
    String failure = "Failed to change the redundancy level of " + name;
    if (response.is(ResultCode.INVALID_PARMS)) {
      throw new CommandFailure(
          1,
          failure
              + ": it shares objects with a snapshot or clone, theirs would keep their number of"
              + " copies; delete those first, or make a copy with 'vdi clone --no-share'");
    }
    NumberOfCopies.require(response, remote, failure);
    console
        .out()
        .println(
            name + "'s redundancy level is set to " + wanted + ", the old one was " + before + ".");
    return 0;
  }
}
