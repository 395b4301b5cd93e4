package io.sheepdog.cli.corosync;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.Subcommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import io.sheepdog.corosyncconf.make.ConfGenerator;
import io.sheepdog.corosyncconf.make.ConfMakeException;
import java.io.PrintStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code corosync generate}: a file for knet and votequorum on standard output. */
public final class CorosyncGenerateCommand extends Subcommand {
  @Mixin private final NewConfOptions options = new NewConfOptions();

  @Option(
      names = {"-N", "--cluster-name"},
      paramLabel = "NAME",
      description = "name of the cluster (default sheepdog)")
  private String name = ConfGenerator.DEFAULT_NAME;

  @Option(
      names = {"-s", "--secure"},
      description = "encrypt the traffic; says how to make the key")
  private boolean secure;

  @Override
  protected int execute(Invocation invocation) throws CommandFailure {
    Profile profile = invocation.profile();
    byte[] file = generate(profile);
    options.writeToTarget(file, profile);
    if (common().json()) {
      Json.print(
          invocation.console().out(),
          json -> {
            json.writeStartObject();
            json.writeStringField("text", NewConfOptions.text(file));
            json.writeEndObject();
          });
    } else {
      options.print(invocation, file);
    }
    if (secure) {
      tellAboutKey(invocation.console().err());
    }
    return 0;
  }

  private byte[] generate(Profile profile) throws CommandFailure {
    try {
      return ConfGenerator.generate(options.nodes(profile), name, secure);
    } catch (ConfMakeException e) {
      throw new CommandFailure(profile.usageExit(), Words.orName(e));
    }
  }

  /** corosync-keygen(8). */
  private static void tellAboutKey(PrintStream err) {
    err.println(
        "corosync does not start without its key. On one node: corosync-keygen -k "
            + ConfGenerator.KEY_FILE);
    err.println("Then copy that file to all other nodes, with owner root and mode 0400.");
  }
}
