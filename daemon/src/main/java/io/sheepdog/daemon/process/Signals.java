package io.sheepdog.daemon.process;

import sun.misc.Signal;

/** What signals do (spec/cli-sheep-daemon.md section 8). Handlers run on a thread of the JVM. */
public final class Signals {
  private Signals() {}

  /**
   * Installs the handlers.
   *
   * @param stop SIGTERM and SIGINT
   * @param rotate SIGHUP
   */
  public static void handle(Runnable stop, Runnable rotate) {
    Signal.handle(new Signal("TERM"), signal -> stop.run());
    Signal.handle(new Signal("INT"), signal -> stop.run());
    Signal.handle(new Signal("HUP"), signal -> rotate.run());
  }
}
