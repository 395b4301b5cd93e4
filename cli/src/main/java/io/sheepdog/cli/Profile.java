package io.sheepdog.cli;

import io.sheepdog.protocol.ResultCode;

/** Under which name the tool was called: decides tables, texts and exit codes. */
public enum Profile {
  /** The tables of the guide of May 2010; exit codes 0 and 1. */
  COLLIE("collie", 1, 1, 1),
  /** The tables of version 1.0; exit codes 0, 1, 2, 3, 5 and 64. */
  DOG("dog", 2, 64, 5);

  private final String command;
  private final int systemExit;
  private final int usageExit;
  private final int missingExit;

  Profile(String command, int systemExit, int usageExit, int missingExit) {
    this.command = command;
    this.systemExit = systemExit;
    this.usageExit = usageExit;
    this.missingExit = missingExit;
  }

  /** The name of the program. */
  public String command() {
    return command;
  }

  /** Exit code when the cluster or this host has a problem (no connection, no node list). */
  public int systemExit() {
    return systemExit;
  }

  /** Exit code for wrong words, options or arguments. */
  public int usageExit() {
    return usageExit;
  }

  /** Exit code when something is not there. */
  public int missingExit() {
    return missingExit;
  }

  /** The text for a result of a daemon, in the words of this generation. */
  public String text(ResultCode code) {
    return this == COLLIE ? code.collieText() : code.dogText();
  }
}
