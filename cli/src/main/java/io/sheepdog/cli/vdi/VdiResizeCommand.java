package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import picocli.CommandLine.Parameters;

/** {@code vdi resize}: images only grow (spec/cli-dog-1.0.md section 2.7). */
public final class VdiResizeCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", paramLabel = "SIZE")
  private String size = "";

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
    if (bytes < inode.vdiSize()) {
      throw new CommandFailure(
          profile.usageExit(),
          "Shrinking VDIs is not implemented: "
              + name
              + " has "
              + Sizes.human(inode.vdiSize())
              + " ("
              + inode.vdiSize()
              + " bytes)");
    }
    ByteBuf field = Unpooled.buffer(Long.BYTES).writeLongLE(bytes);
    remote.require(
        vdis.writeHeader(inode, InodeLayout.VDI_SIZE, field), "Failed to resize VDI " + name);
    return 0;
  }
}
