package io.sheepdog.core.sim.schedule;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Tells what is needed to see why a schedule broke a promise. */
final class Replay {
  private Replay() {}

  static String describe(ScheduleResult result) {
    StringWriter text = new StringWriter();
    Throwable problem = result.problem();
    if (problem != null) {
      problem.printStackTrace(new PrintWriter(text, true));
    }
    return "seed "
        + result.seed()
        + "; play it again with -Dsim.seed="
        + result.seed()
        + "\n"
        + text
        + "what happened before:\n"
        + result.trace();
  }
}
