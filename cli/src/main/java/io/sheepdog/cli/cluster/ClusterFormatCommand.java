package io.sheepdog.cli.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import picocli.CommandLine.Option;

/** {@code cluster format}: spec/cli-collie-2010.md section 12, spec/cli-dog-1.0.md section 4.2. */
public final class ClusterFormatCommand extends ToolCommand {
  private static final int DEFAULT_COPIES = 3;
  private static final int MAX_COPIES = 31;
  private static final int MIN_SHIFT = 20;
  private static final int MAX_SHIFT = 31;

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "default number of replicas, 1 to 31 (default 3)")
  private int copies = DEFAULT_COPIES;

  @Option(
      names = {"-b", "--store"},
      paramLabel = "STORE",
      description = "plain (the only one)")
  private String store = "plain";

  @Option(
      names = {"-z", "--block_size_shift"},
      paramLabel = "SHIFT",
      description = "default object size as a power of two, 20 to 31 (default 22, which is 4 MiB)")
  private int shift;

  @Option(
      names = {"-t", "--strict"},
      description = "refuse writes while there are fewer zones than copies")
  private boolean strict;

  @Option(
      names = {"-l", "--lock"},
      description = "accepted: locking is always on")
  private boolean lock;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask, even if images exist")
  private boolean force;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    check(invocation.profile());
    Console console = invocation.console();
    long zones = Nodes.of(remote).zones();
    int wanted = copies == 0 ? DEFAULT_COPIES : copies;
    if (wanted > zones) {
      console
          .err()
          .println(
              "warning: "
                  + wanted
                  + " copies are wanted but there are only "
                  + zones
                  + " zones; "
                  + zones
                  + " copies are kept until more nodes join");
    }
    boolean dog = invocation.profile() == Profile.DOG;
    // 1.0 reads its answer from any standard input; the guide's scripts are never asked
    boolean asks = !force && (dog || console.inputIsTerminal());
    if (asks
        && new Vdis(remote).any()
        && !console.confirm("This destroys all images of the cluster. Continue?")) {
      return 0;
    }
    if (dog) {
      console.out().println("using backend " + store + " store");
    }
    format(remote, wanted);
    return 0;
  }

  private void check(Profile profile) throws CommandFailure {
    if (copies < 0 || copies > MAX_COPIES) {
      throw new CommandFailure(
          1, "Invalid parameter " + copies + ": the number of copies must be 1 to 31");
    }
    if (shift != 0 && (shift < MIN_SHIFT || shift > MAX_SHIFT)) {
      throw new CommandFailure(1, "Invalid block size shift " + shift + ": it must be 20 to 31");
    }
    if (!store.equals("plain")) {
      throw new CommandFailure(
          profile.systemExit(),
          "Format failed: Targeted backend store is not found: '" + store + "'; use plain");
    }
  }

  private void format(Remote remote, int wanted) throws CommandFailure {
    int flags =
        ClusterFlags.AUTO_VNODES | ClusterFlags.USE_LOCK | (strict ? ClusterFlags.STRICT : 0);
    ByteBuf payload = Unpooled.copiedBuffer(store + "\0", StandardCharsets.US_ASCII);
    ClusterBody body =
        ClusterBody.format(SheepTime.of(Instant.now()).wire(), wanted, 0, flags, shift);
    remote.require(remote.send(Opcode.MAKE_FS, RequestFlags.NONE, body, payload), "Format failed");
    payload.release();
  }
}
