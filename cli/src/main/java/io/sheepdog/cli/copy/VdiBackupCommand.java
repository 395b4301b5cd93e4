package io.sheepdog.cli.copy;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.copy.BackupFormat.Header;
import io.sheepdog.cli.copy.BackupFormat.Part;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi backup}: a snapshot, or the difference between two, as a stream with checksums
 * (spec/cli-dog-1.0.md section 2.11).
 */
public final class VdiBackupCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-F", "--from"},
      paramLabel = "SNAPSHOT",
      description = "only the difference to this earlier snapshot (tag or number)")
  private @Nullable String from;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "the snapshot (tag or number) to back up; always needed")
  private @Nullable String snapshot;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usageExit = invocation.profile().usageExit();
    if (snapshot == null) {
      throw new CommandFailure(
          usageExit,
          "Snapshots are backed up: name one of "
              + name
              + " with -s, or take one with 'vdi snapshot'");
    }
    Snapshot.parse(snapshot);
    if (from != null) {
      Snapshot.parse(from);
    }
    if (invocation.console().outputIsTerminal()) {
      throw new CommandFailure(
          usageExit, "Standard output is a terminal: send the backup to a file or a pipe");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader to = vdis.open(name, Snapshot.parse(String.valueOf(snapshot)));
    InodeHeader base = from == null ? null : vdis.open(name, Snapshot.parse(from));
    if (base != null && base.blockSizeShift() != to.blockSizeShift()) {
      throw new CommandFailure(1, "The two snapshots have objects of different sizes");
    }
    PrintStream out = invocation.console().out();
    try {
      BackupFormat.Writer writer = new BackupFormat.Writer(out, header(to, base));
      Difference difference =
          new Difference(to, vdis.index(to), base == null ? new int[0] : vdis.index(base));
      difference.read(
          remote,
          part -> {
            write(invocation, writer, part);
            if (out.checkError()) {
              throw new CommandFailure(
                  invocation.profile().systemExit(), "Cannot write the backup");
            }
          });
      writer.finish();
      return 0;
    } catch (IOException e) {
      throw failed(invocation, e);
    }
  }

  private static Header header(InodeHeader to, @Nullable InodeHeader base) {
    return new Header(
        base == null,
        to.blockSizeShift(),
        to.vdiSize(),
        to.tag(),
        base == null ? "" : base.tag(),
        base == null ? 0 : base.snapshotId());
  }

  private static void write(Invocation invocation, BackupFormat.Writer writer, Part part)
      throws CommandFailure {
    try {
      writer.write(part);
    } catch (IOException e) {
      throw failed(invocation, e);
    }
  }

  private static CommandFailure failed(Invocation invocation, IOException e) {
    return new CommandFailure(
        invocation.profile().systemExit(), "Cannot write the backup: " + Words.orName(e));
  }
}
