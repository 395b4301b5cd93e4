package io.sheepdog.cli;

import io.sheepdog.cli.remote.Remote;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every command has. */
public final class CommonOptions {
  private static final int MAX_PORT = 65535;

  @Option(
      names = {"-a", "--address"},
      paramLabel = "HOST",
      description = "host of the daemon to talk to (default: $SHEEPDOG_DOG_ADDR or 127.0.0.1)")
  private @Nullable String address;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "port of the daemon (default: $SHEEPDOG_DOG_PORT or 7000)")
  private @Nullable String port;

  @Option(
      names = {"-r", "--raw"},
      description = "plain fields for scripts: no headings, sizes in bytes, times in Unix seconds")
  private boolean raw;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "json: a JSON document for programs")
  private @Nullable String output;

  @Option(
      names = {"-T", "--time"},
      description = "say how long the command took")
  private boolean time;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  private boolean help;

  /** Whether machine-readable lines are wanted. */
  public boolean raw() {
    return raw;
  }

  /** Whether JSON is wanted. */
  public boolean json(Profile profile) throws CommandFailure {
    if (output == null) {
      return false;
    }
    if (!output.equals("json")) {
      throw new CommandFailure(
          profile.usageExit(), "Invalid output format '" + output + "': only json is supported");
    }
    return true;
  }

  /** Whether to print the elapsed time. */
  boolean time() {
    return time;
  }

  /** Whether help was asked for. */
  boolean help() {
    return help;
  }

  /** Connects to the daemon that the options, else the environment, name. */
  public Remote connect(Profile profile) throws CommandFailure {
    Map<String, String> environment = System.getenv();
    String host =
        address != null ? address : environment.getOrDefault("SHEEPDOG_DOG_ADDR", "127.0.0.1");
    String number = port != null ? port : environment.getOrDefault("SHEEPDOG_DOG_PORT", "7000");
    return Remote.open(host, parsePort(profile, number), profile);
  }

  private static int parsePort(Profile profile, String text) throws CommandFailure {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= MAX_PORT) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new CommandFailure(profile.usageExit(), "Invalid port number '" + text + "'");
    }
    throw new CommandFailure(profile.usageExit(), "Invalid port number '" + text + "'");
  }
}
