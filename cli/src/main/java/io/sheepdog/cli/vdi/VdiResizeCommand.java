package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi resize}: images grow (spec/cli-dog-1.0.md section 2.7), and shrink only with {@code
 * --shrink}: then what is behind the new end is given back before the size changes, so that it
 * never comes to light again.
 */
public final class VdiResizeCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", paramLabel = "SIZE")
  private String size = "";

  @Option(
      names = {"--shrink"},
      description = "make the image smaller: what is behind SIZE is lost")
  private boolean shrink;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask before something is lost")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    ImageSize.parse(size, invocation.profile());
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Profile profile = invocation.profile();
    long bytes = ImageSize.parse(size, profile);
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, null);
    ImageSize.checkLimit(bytes, inode.blockSizeShift(), "New VDI size is too large", profile);
    if (bytes < inode.vdiSize() && shrink) {
      return shrink(invocation, remote, vdis, inode, bytes);
    }
    if (bytes < inode.vdiSize()) {
      throw new CommandFailure(
          profile.usageExit(),
          "Shrinking VDIs is not implemented: "
              + name
              + " has "
              + Sizes.human(inode.vdiSize())
              + " ("
              + inode.vdiSize()
              + " bytes); --shrink cuts off what is behind the new end");
    }
    ByteBuf field = Unpooled.buffer(Long.BYTES).writeLongLE(bytes);
    remote.require(
        vdis.writeHeader(inode, InodeLayout.VDI_SIZE, field), "Failed to resize VDI " + name);
    return 0;
  }

  private int shrink(Invocation invocation, Remote remote, Vdis vdis, InodeHeader inode, long bytes)
      throws CommandFailure {
    ImageCut cut = ImageCut.of(inode, vdis.index(inode), bytes);
    Console console = invocation.console();
    if (cut.lost() > 0) {
      String what =
          "This cuts "
              + Sizes.human(inode.vdiSize() - bytes)
              + " off "
              + name
              + ", of which up to "
              + Sizes.human(cut.lost())
              + " hold data; snapshots keep theirs.";
      boolean asks = !force && (invocation.profile() == Profile.DOG || console.inputIsTerminal());
      if (asks && !console.confirm(what + " Continue?")) {
        return 0;
      }
      if (!asks) {
        console.err().println(what);
      }
    }
    cut.carryOut(remote, vdis);
    return 0;
  }
}
