package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.cluster.ZoneWarning;
import io.sheepdog.cli.copy.ImageFiller;
import io.sheepdog.cli.copy.Unfinished;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi create}: spec/cli-dog-1.0.md section 2.4. */
public final class VdiCreateCommand extends ToolCommand {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", paramLabel = "SIZE")
  private String size = "";

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "number of replicas, 1 to 31 (default: as the cluster was formatted)")
  private @Nullable String copies;

  @Option(
      names = {"-z", "--block_size_shift"},
      paramLabel = "SHIFT",
      description = "object size as a power of two, 20 to 31 (default: as formatted)")
  private @Nullable String shift;

  @Option(
      names = {"-P", "--prealloc"},
      description = "make all objects at once")
  private boolean preallocate;

  @Option(
      names = {"-v", "--verbose"},
      description = "print the VDI id")
  private boolean verbose;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    ImageSize.parse(size, invocation.profile());
    Layout.copies(copies, invocation.profile());
    Layout.shift(shift);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Profile profile = invocation.profile();
    long bytes = ImageSize.parse(size, profile);
    int wanted = Layout.copies(copies, profile);
    int objectShift = Layout.shift(shift);
    String what = "Failed to create VDI " + name;
    ClusterDefaultReply defaults = defaults(remote, what);
    int effectiveShift = objectShift == 0 ? defaults.blockSizeShift() : objectShift;
    ImageSize.checkLimit(bytes, effectiveShift, "VDI size is too large", profile);
    VdiId vid =
        new Vdis(remote)
            .create(name, new VdiBody(bytes, VdiId.NONE, wanted, 0, 0, objectShift, 0, 0), what);
    if (preallocate) {
      preallocate(invocation, remote, vid);
    }
    ZoneWarning.print(
        invocation.console().err(), wanted == 0 ? defaults.copies() : wanted, Nodes.of(remote));
    NewVdi.report(invocation.console().out(), common(), verbose, "VDI", vid);
    return 0;
  }

  private void preallocate(Invocation invocation, Remote remote, VdiId vid) throws CommandFailure {
    InodeHeader inode = new Vdis(remote).header(vid);
    try (Unfinished created = new Unfinished(remote, invocation.console().err(), name, vid)) {
      Progress progress = new Progress(invocation.console(), invocation.profile(), inode.vdiSize());
      ImageFiller filler = new ImageFiller(remote, inode, new int[0]);
      for (int index = 0; index < inode.objectCount(); index++) {
        filler.make(index);
        progress.add(inode.objectSize());
      }
      filler.finish();
      progress.finish();
      created.done();
    }
  }

  private static ClusterDefaultReply defaults(Remote remote, String what) throws CommandFailure {
    Response response = remote.ask(Opcode.GET_CLUSTER_DEFAULT, RawBody.EMPTY);
    remote.require(response, what);
    if (response.body() instanceof ClusterDefaultReply defaults && defaults.blockSizeShift() != 0) {
      return defaults;
    }
    throw new CommandFailure(1, what + ": the daemon does not know the cluster's defaults yet");
  }
}
