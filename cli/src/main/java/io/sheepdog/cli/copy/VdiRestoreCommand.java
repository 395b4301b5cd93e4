package io.sheepdog.cli.copy;

import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.copy.BackupFormat.DamagedException;
import io.sheepdog.cli.copy.BackupFormat.Part;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi restore}: makes a snapshot of a backup (spec/cli-dog-1.0.md section 2.11). With a base
 * the difference is put on that; a backup of everything becomes a new image. A damaged backup
 * changes nothing.
 */
public final class VdiRestoreCommand extends ToolCommand {
  private static final int TAKE = 1;

  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "BASE",
      description = "the snapshot (tag or number) to which a difference belongs")
  private @Nullable String base;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (base != null) {
      Snapshot.parse(base);
    }
    if (invocation.console().inputIsTerminal()) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Standard input is a terminal: the backup comes from a file or a pipe");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    try {
      BackupFormat.Reader reader = new BackupFormat.Reader(invocation.console().in());
      if (reader.header().full() != (base == null)) {
        throw new CommandFailure(
            1,
            reader.header().full()
                ? "This backup holds everything, not a difference: restore it without -s, to a new image"
                : "This backup is the difference to a snapshot"
                    + (reader.header().baseTag().isEmpty()
                        ? ""
                        : " ('" + reader.header().baseTag() + "' then)")
                    + ": name it with -s");
      }
      if (base == null) {
        everything(invocation, remote, reader);
      } else {
        difference(invocation, remote, reader, Snapshot.parse(base));
      }
      return 0;
    } catch (DamagedException e) {
      throw new CommandFailure(
          invocation.profile().systemExit(), e.getMessage() + "; nothing was changed");
    } catch (IOException e) {
      throw new CommandFailure(
          invocation.profile().systemExit(), "Cannot read the backup: " + Words.orName(e));
    }
  }

  private void everything(Invocation invocation, Remote remote, BackupFormat.Reader reader)
      throws CommandFailure, IOException, DamagedException {
    BackupFormat.Header header = reader.header();
    NewImage image =
        NewImage.create(
            remote, name, header.size(), 0, header.shift(), "Failed to create VDI " + name);
    InodeHeader inode = image.inode();
    try (Unfinished unfinished =
        new Unfinished(remote, invocation.console().err(), name, inode.vdiId())) {
      fill(reader, new ImageFiller(remote, inode, new int[0]), inode);
      Vdis vdis = new Vdis(remote);
      vdis.tag(inode, header.tag());
      vdis.create(name, taking(inode), "Failed to create snapshot for " + name);
      unfinished.done();
    }
  }

  private static VdiBody taking(InodeHeader inode) {
    return new VdiBody(
        inode.vdiSize(),
        inode.vdiId(),
        inode.copies(),
        inode.copyPolicy(),
        inode.storePolicy(),
        inode.blockSizeShift(),
        TAKE,
        VdiBody.LOCK_NORMAL);
  }

  private void difference(
      Invocation invocation, Remote remote, BackupFormat.Reader reader, Snapshot wanted)
      throws CommandFailure, IOException, DamagedException {
    Vdis vdis = new Vdis(remote);
    InodeHeader from = base(invocation, vdis, wanted);
    InodeHeader head = vdis.open(name, null);
    if (vdis.states().lockOwners().containsKey(head.vdiId())) {
      throw new CommandFailure(
          1, "Failed to restore VDI " + name + ": " + remote.profile().text(ResultCode.VDI_LOCKED));
    }
    BackupFormat.Header header = reader.header();
    if (header.shift() != 0 && header.shift() != from.blockSizeShift()) {
      throw new CommandFailure(
          1,
          "The backup is of an image with objects of 2^"
              + header.shift()
              + " bytes, the base's have 2^"
              + from.blockSizeShift());
    }
    boolean known =
        !header.tag().isEmpty() && vdis.lookup(name, new Snapshot(0, header.tag())).isSuccess();
    if (known) {
      invocation
          .console()
          .err()
          .println("There is a snapshot '" + header.tag() + "': the restored one gets no tag");
    }
    try (Detour detour =
        Detour.begin(
            remote,
            invocation.console().err(),
            head,
            from,
            Math.max(from.vdiSize(), header.size()))) {
      InodeHeader inode = detour.filled();
      fill(reader, new ImageFiller(remote, inode, vdis.index(from)), inode);
      detour.finish(known ? "" : header.tag());
    }
  }

  private InodeHeader base(Invocation invocation, Vdis vdis, Snapshot wanted)
      throws CommandFailure {
    try {
      return vdis.open(name, wanted);
    } catch (CommandFailure e) {
      invocation
          .console()
          .err()
          .println("Snapshot ID " + wanted.id() + " or tag " + wanted.tag() + " doesn't exist");
      throw e;
    }
  }

  private static void fill(BackupFormat.Reader reader, ImageFiller filler, InodeHeader inode)
      throws CommandFailure, IOException, DamagedException {
    while (true) {
      Part part = reader.next(inode.objectSize());
      if (part == null) {
        break;
      }
      if (part.index() >= inode.objectCount()) {
        throw new DamagedException("The backup names objects behind the end of the image");
      }
      filler.write(part.index(), part.offset(), Unpooled.wrappedBuffer(part.data()));
    }
    filler.finish();
  }
}
