package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.ClusterBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code cluster alter-copy}: spec/cli-dog-1.0.md section 4.8. */
public final class ClusterAlterCopyCommand extends ToolCommand {
  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "copies of images that do not say, 1 to 31 (default 3)")
  private @Nullable String copies;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask")
  private boolean force;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    int wanted = NumberOfCopies.wanted(copies, console, invocation.profile());
    ClusterView view = ClusterView.of(remote);
    remote.require(view.response(), "Failed to change the cluster's redundancy level");
    int before = view.newest().copies();
    if (before == wanted) {
      throw new CommandFailure(
          1, "The cluster's redundancy level is already set to " + wanted + ", nothing changed.");
    }
    if (!NumberOfCopies.isConfirmed(console, remote, force, before, wanted, "new images")) {
      return 0;
    }
    NumberOfCopies.require(
        remote.ask(Opcode.ALTER_CLUSTER_COPY, ClusterBody.copies(wanted)),
        remote,
        "Failed to change the cluster's redundancy level");
    console
        .out()
        .println(
            "The cluster's redundancy level is set to "
                + wanted
                + ", the old one was "
                + before
                + ".");
    return 0;
  }
}
