package io.sheepdog.cli;

import io.sheepdog.cli.remote.Remote;
import picocli.CommandLine.Mixin;

/** A command that asks a daemon. */
public abstract class ToolCommand extends Subcommand {
  @Mixin private final DaemonOptions daemon = new DaemonOptions();

  @Override
  protected final int execute(Invocation invocation) throws CommandFailure {
    if (runsAlone(invocation)) {
      return 0;
    }
    try (Remote remote = daemon.connect(invocation)) {
      return run(invocation, remote);
    }
  }

  /** Whether it was about something of this host only, which is done now. */
  protected boolean runsAlone(Invocation invocation) throws CommandFailure {
    return false;
  }

  /**
   * Does the work.
   *
   * @param remote the daemon to talk to
   * @return exit code
   */
  protected abstract int run(Invocation invocation, Remote remote) throws CommandFailure;
}
