package io.sheepdog.cli;

import io.sheepdog.cli.remote.Remote;
import picocli.CommandLine.Mixin;

/** One subcommand. Picocli fills its options; then {@link #run} does the work. */
public abstract class ToolCommand {
  @Mixin private final CommonOptions common = new CommonOptions();

  /** Options that every command has. */
  protected final CommonOptions common() {
    return common;
  }

  /** Checks options and arguments before any daemon is asked. */
  protected void check(Invocation invocation) throws CommandFailure {
    common.checkOutput(invocation.profile());
  }

  /**
   * Does the work.
   *
   * @param remote the daemon to talk to
   * @return exit code
   */
  protected abstract int run(Invocation invocation, Remote remote) throws CommandFailure;

  /** Exit code for a failure; a command that scripts expect another one of overrides it. */
  protected int exitCode(Profile profile, CommandFailure failure) {
    return failure.exitCode();
  }

  /**
   * How the tool was called.
   *
   * @param profile as collie or as dog
   * @param console where to print
   */
  public record Invocation(Profile profile, Console console) {}
}
