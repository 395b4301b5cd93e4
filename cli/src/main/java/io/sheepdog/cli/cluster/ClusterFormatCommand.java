package io.sheepdog.cli.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
    boolean dog = invocation.profile() == Profile.DOG;
    int wanted = Layout.copies(copies, invocation.profile());
    wanted = wanted == 0 ? DEFAULT_COPIES : wanted;
    Nodes nodes = Nodes.of(remote);
    // 1.0 reads its answer from any standard input; the guide's scripts are never asked
    boolean asks = !force && (dog || console.inputIsTerminal());
    String question = asks ? question(remote) : null;
    if (question != null && !console.confirm(question)) {
      return 0;
    }
    ZoneWarning.print(console.err(), wanted, nodes);
    if (dog) {
      console.out().println("using backend " + store + " store");
    }
    format(remote, wanted);
    return 0;
  }

  /** What there is to lose, null for nothing. */
  private static @Nullable String question(Remote remote) throws CommandFailure {
    Response status = ClusterView.status(remote);
    if (status.is(ResultCode.WAIT_FOR_FORMAT)) {
      return null;
    }
    if (!status.isSuccess()) {
      return "This destroys all images of a cluster that is not complete ("
          + remote.text(status)
          + "). Are you sure you want to continue?";
    }
    return new Vdis(remote).states().any()
        ? "This destroys all images of the cluster. Are you sure you want to continue?"
        : null;
  }

  private void format(Remote remote, int wanted) throws CommandFailure {
    int flags =
        (fixedVnodes ? 0 : ClusterFlags.AUTO_VNODES)
            | ClusterFlags.USE_LOCK
            | (strict ? ClusterFlags.STRICT : 0)
            | (avoidsFullDisks ? ClusterFlags.AVOID_DISKFULL : 0);
    ByteBuf payload = Unpooled.copiedBuffer(store + "\0", StandardCharsets.US_ASCII);
    long now = SheepTime.of(Instant.now()).wire();
    ClusterBody body = ClusterBody.format(now, wanted, 0, flags, Layout.shift(shift));
    Response response = remote.send(Opcode.MAKE_FS, RequestFlags.NONE, body, payload);
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
