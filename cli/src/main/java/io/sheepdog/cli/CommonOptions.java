package io.sheepdog.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every command has. */
public final class CommonOptions {
  private static final String JSON = "json";

  @Option(
      names = {"-r", "--raw"},
      description = "for scripts: no headings, sizes in bytes, times in Unix seconds")
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
  public boolean json() {
    return JSON.equals(output);
  }

  /** The value of -o, null if it was not given. */
  public @Nullable String output() {
    return output;
  }

  /** Refuses any output format but json. */
  void checkOutput(Profile profile) throws CommandFailure {
    if (output != null && !json()) {
      throw new CommandFailure(
          profile.usageExit(), "Invalid output format '" + output + "': the only one is json");
    }
  }

  /** Whether to print the elapsed time. */
  boolean time() {
    return time;
  }

  /** Whether help was asked for. */
  boolean help() {
    return help;
  }
}
