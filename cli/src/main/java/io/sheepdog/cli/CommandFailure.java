package io.sheepdog.cli;

/** A command cannot do what was asked; the message is the one line that the user sees. */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;
  private final int exitCode;

  /**
   * Creates the failure.
   *
   * @param exitCode exit code of the tool
   * @param message what, why, and what to do
   */
  public CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Exit code of the tool. */
  public int exitCode() {
    return exitCode;
  }
}
