package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.copy.ImageData;
import io.sheepdog.cli.copy.ImageFiller;
import io.sheepdog.cli.copy.Unfinished;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi clone}: spec/cli-dog-1.0.md section 2.6. A clone that is filled and does not come to
 * its end is deleted.
 */
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
      names = {"-P", "--prealloc"},
      description = "copy the data, and make the objects of holes, too")
  private boolean preallocate;

  @Option(
      names = {"-n", "--no-share"},
      description = "copy the data: an image of its own, without parent")
  private boolean unshared;

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
            unshared ? VdiId.NONE : base.vdiId(),
            base.copies(),
            base.copyPolicy(),
            base.storePolicy(),
            base.blockSizeShift(),
            0,
            VdiBody.LOCK_NORMAL);
    VdiId vid = vdis.create(target, body, "Failed to create VDI " + target);
    if (unshared || preallocate) {
      try (Unfinished created = new Unfinished(remote, invocation.console().err(), target, vid)) {
        fill(invocation, remote, base, vid);
        created.done();
      }
    }
    NewVdi.report(invocation.console().out(), common(), verbose, "clone", vid);
    return 0;
  }

  private void fill(Invocation invocation, Remote remote, InodeHeader base, VdiId vid)
      throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.header(vid);
    int[] owners = vdis.index(base);
    ImageData data = ImageData.of(base, owners);
    Progress progress =
        new Progress(
            invocation.console(),
            invocation.profile(),
            preallocate ? base.vdiSize() : data.length());
    ImageFiller filler = new ImageFiller(remote, inode, unshared ? new int[0] : owners);
    if (unshared) {
      data.read(
          remote,
          (piece, bytes) -> {
            filler.write((int) piece.oid().index(), piece.within(), copy(bytes));
            progress.add(piece.length());
          });
    }
    for (int index = 0; preallocate && index < base.objectCount(); index++) {
      filler.make(index);
      progress.add(unshared && owners[index] != 0 ? 0 : base.objectSize());
    }
    filler.finish();
    progress.finish();
  }

  private static ByteBuf copy(ByteBuf bytes) {
    return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes));
  }
}
