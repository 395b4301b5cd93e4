package io.sheepdog.cli;

import io.sheepdog.cli.Subcommand.Invocation;
import io.sheepdog.cli.remote.Remote;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every command has which asks a daemon. */
final class DaemonOptions {
  private static final int MAX_PORT = 65535;

  @Option(
      names = {"-a", "--address"},
      paramLabel = "HOST",
      description = "the daemon to talk to (default: $SHEEPDOG_DOG_ADDR or 127.0.0.1)")
  private @Nullable String address;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "its port (default: $SHEEPDOG_DOG_PORT or 7000)")
  private @Nullable String port;

  /** Connects to the daemon that the options, else the environment, name. */
  Remote connect(Invocation invocation) throws CommandFailure {
    Map<String, String> environment = invocation.console().environment();
    Profile profile = invocation.profile();
    String host =
        address != null ? address : environment.getOrDefault("SHEEPDOG_DOG_ADDR", "127.0.0.1");
    String number = port != null ? port : environment.getOrDefault("SHEEPDOG_DOG_PORT", "7000");
    int parsed = parsePort(profile, number);
    checkHost(host);
    return Remote.open(host, parsed, profile);
  }

  private static void checkHost(String host) throws CommandFailure {
    try {
      if (!host.isEmpty()) {
        InetAddress.getAllByName(host);
        return;
      }
    } catch (UnknownHostException e) {
      throw new CommandFailure(
          1, "Invalid address '" + host + "': no host of that name or address is known");
    }
    throw new CommandFailure(1, "Invalid address '': give the name or address of a host");
  }

  private static int parsePort(Profile profile, String text) throws CommandFailure {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= MAX_PORT) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalidPort(profile, text);
    }
    throw invalidPort(profile, text);
  }

  private static CommandFailure invalidPort(Profile profile, String text) {
    return new CommandFailure(
        profile.usageExit(), "Invalid port number '" + text + "': it must be 1 to 65535");
  }
}
