package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi clone}: spec/cli-dog-1.0.md section 2.6. */
public final class VdiCloneCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "SRC")
  private String source = "";

  @Parameters(index = "1", paramLabel = "DST")
  private String target = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "the snapshot of SRC (tag or number) to begin with; always needed")
  private @Nullable String snapshot;

  @Option(
      names = {"-v", "--verbose"},
      description = "print the VDI id")
  private boolean verbose;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (snapshot == null) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Only snapshots can be cloned: name one of "
              + source
              + " with -s, or take one with 'vdi snapshot'");
    }
    Snapshot.parse(snapshot);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader base = vdis.open(source, snapshot == null ? null : Snapshot.parse(snapshot));
    VdiBody body =
        new VdiBody(
            base.vdiSize(),
            base.vdiId(),
            base.copies(),
            base.copyPolicy(),
            base.storePolicy(),
            base.blockSizeShift(),
            0,
            VdiBody.LOCK_NORMAL);
    VdiId vid = vdis.create(target, body, "Failed to create VDI " + target);
    NewVdi.report(invocation.console().out(), common(), verbose, "clone", vid);
    return 0;
  }
}
