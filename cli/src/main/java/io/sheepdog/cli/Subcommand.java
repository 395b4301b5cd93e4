package io.sheepdog.cli;

import picocli.CommandLine.Mixin;

/**
 * A command. Picocli fills its options; then {@link #check} and {@link #execute} are called. Those
 * that ask a daemon extend {@link ToolCommand}.
 */
public abstract class Subcommand {
  @Mixin private final CommonOptions common = new CommonOptions();

  /** Options that every command has. */
  protected final CommonOptions common() {
    return common;
  }

  /** Checks options and arguments before anything is done. */
  protected void check(Invocation invocation) throws CommandFailure {
    common.checkOutput(invocation.profile());
  }

  /**
   * Does the work.
   *
   * @return exit code
   */
  protected abstract int execute(Invocation invocation) throws CommandFailure;

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
