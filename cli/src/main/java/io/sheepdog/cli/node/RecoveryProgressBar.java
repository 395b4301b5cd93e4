package io.sheepdog.cli.node;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.payload.RecoveryStatePayload;

/**
 * Follows the recovery of one node: on a terminal one line that changes, else one per second.
 * {@code collie} adds the time that is left, if it goes on as it did since the beginning.
 */
final class RecoveryProgressBar {
  private static final int WIDTH = 40;
  private static final int PERCENT_WIDTH = 5;
  private static final int TIME_WIDTH = 14;
  private static final double NANOS = 1e9;
  private static final long POLL_MILLIS = 1000;

  private final Console console;
  private final boolean showsTime;
  private final long begin = System.nanoTime();
  private long finishedBefore;

  RecoveryProgressBar(Console console, Profile profile) {
    this.console = console;
    this.showsTime = profile == Profile.COLLIE;
  }

  /** Returns when the node has all that belongs on it. */
  void follow(Remote remote) throws CommandFailure {
    RecoveryStatePayload state = RecoverySurvey.ask(remote);
    finishedBefore = state.finished();
    while (state.inRecovery()) {
      show(state);
      pause();
      state = RecoverySurvey.ask(remote);
    }
    show(state);
    if (console.outputIsTerminal()) {
      console.out().println();
    }
  }

  private void show(RecoveryStatePayload state) {
    boolean isOver = !state.inRecovery();
    String percent = isOver ? "100.0" : RecoverySurvey.percent(state);
    int done = isOver ? WIDTH : (int) (WIDTH * state.finished() / Math.max(1, state.total()));
    String line =
        Words.right(percent, PERCENT_WIDTH)
            + " % ["
            + Words.left("=".repeat(done), WIDTH)
            + "] "
            + state.finished()
            + " / "
            + state.total()
            + (showsTime ? time(state) : "");
    if (console.outputIsTerminal()) {
      console.out().print("\r" + line);
      console.out().flush();
    } else {
      console.out().println(line);
    }
  }

  private String time(RecoveryStatePayload state) {
    long finished = state.finished() - finishedBefore;
    if (finished <= 0 || !state.inRecovery()) {
      return " ".repeat(TIME_WIDTH);
    }
    double perObject = (System.nanoTime() - begin) / NANOS / finished;
    long seconds = (long) Math.ceil((state.total() - state.finished()) * perObject);
    return Words.left("  " + Times.left(seconds) + " left", TIME_WIDTH);
  }

  private static void pause() throws CommandFailure {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "interrupted");
    }
  }
}
