package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code cluster format}: spec/cli-collie-2010.md section 12, spec/cli-dog-1.0.md section 4.2. */
public final class ClusterFormatCommand extends ToolCommand {
  private static final int DEFAULT_COPIES = 3;
  private static final List<String> STORES = List.of("plain", "tree");

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "number of replicas by default, 1 to 31 (default 3)")
  private @Nullable String copies;

  @Option(
      names = {"-b", "--store"},
      paramLabel = "STORE",
      description = "plain or tree; both mean the same")
  private String store = "plain";

  @Option(
      names = {"-z", "--block_size_shift"},
      paramLabel = "SHIFT",
      description = "object size by default as a power of two, 20 to 31 (default 22)")
  private @Nullable String shift;

  @Option(
      names = {"-t", "--strict"},
      description = "refuse writes while there are fewer zones than copies")
  private boolean strict;

  @Option(
      names = {"-l", "--lock"},
      description = "accepted for compatibility: images are always locked")
  private boolean lock;

  @Option(
      names = {"-V", "--fixedvnodes"},
      description = "numbers of virtual nodes as given by 'sheep -V N', not by the disks' sizes")
  private boolean fixedVnodes;

  @Option(
      names = {"-F", "--avoid-diskfull"},
      description =
          "a node brings nothing to itself unless its disk has room for all that is missing")
  private boolean avoidsFullDisks;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask, even if images exist")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    Layout.copies(copies, invocation.profile());
    Layout.shift(shift);
    if (!STORES.contains(store)) {
      if (invocation.profile() == Profile.DOG) {
        invocation.console().out().println("Available stores:");
        invocation.console().out().println("-".repeat(39));
        invocation.console().out().println(String.join(" ", STORES));
      }
      throw new CommandFailure(
          invocation.profile().systemExit(),
          "Format failed: Targeted backend store is not found: '" + store + "'; use plain");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    int wanted = Layout.copies(copies, invocation.profile());
    wanted = wanted == 0 ? DEFAULT_COPIES : wanted;
    Nodes nodes = Nodes.of(remote);
    if (!force && !Formatting.isConfirmed(console, remote)) {
      return 0;
    }
    ZoneWarning.print(console.err(), wanted, nodes);
    Formatting formatting = new Formatting(store, wanted, flags(), Layout.shift(shift));
    formatting.announce(console, invocation.profile());
    format(remote, formatting);
    return 0;
  }

  private int flags() {
    return (fixedVnodes ? 0 : ClusterFlags.AUTO_VNODES)
        | ClusterFlags.USE_LOCK
        | (strict ? ClusterFlags.STRICT : 0)
        | (avoidsFullDisks ? ClusterFlags.AVOID_DISKFULL : 0);
  }

  private void format(Remote remote, Formatting formatting) throws CommandFailure {
    Response response = formatting.carryOut(remote);
    if (response.is(ResultCode.INVALID_VNODES_STRATEGY)) {
      throw new CommandFailure(
          1,
          fixedVnodes
              ? "Format failed: with -V, every node that holds objects must have been started with"
                  + " 'sheep -V N'; nothing was changed"
              : "Format failed: a node was started with 'sheep -V N': format with -V, or start it"
                  + " without; nothing was changed");
    }
    remote.require(response, "Format failed");
  }
}
