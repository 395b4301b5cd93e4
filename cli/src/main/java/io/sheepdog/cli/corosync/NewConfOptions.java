package io.sheepdog.cli.corosync;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.Subcommand.Invocation;
import io.sheepdog.cli.format.Words;
import io.sheepdog.corosyncconf.make.ConfMakeException;
import io.sheepdog.corosyncconf.make.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the commands have in common that make a new file. */
final class NewConfOptions {
  @Option(
      names = {"-n", "--node"},
      paramLabel = "NODE",
      description = "ADDRESS or NAME=ADDRESS[,ADDRESS...] of a node; once for each node")
  private List<String> nodes = new ArrayList<>();

  @Option(
      names = {"-w", "--write"},
      paramLabel = "FILE",
      description = "write to that file at once or not at all, instead of to standard output")
  private @Nullable String target;

  List<Node> nodes(Profile profile) throws CommandFailure {
    try {
      return Node.parseAll(nodes);
    } catch (ConfMakeException e) {
      throw new CommandFailure(profile.usageExit(), Words.orName(e));
    }
  }

  /** Writes the file to where it belongs, if that is not standard output. */
  void writeToTarget(byte[] contents, Profile profile) throws CommandFailure {
    if (target != null) {
      ConfFiles.write(target, contents, profile);
    }
  }

  /** Prints the file, unless it went elsewhere. */
  void print(Invocation invocation, byte[] contents) {
    if (target == null) {
      invocation.console().out().write(contents, 0, contents.length);
    }
  }

  static String text(byte[] contents) {
    return new String(contents, StandardCharsets.UTF_8);
  }
}
