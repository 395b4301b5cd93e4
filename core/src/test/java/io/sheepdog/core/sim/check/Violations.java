package io.sheepdog.core.sim.check;

import io.sheepdog.core.sim.time.EventQueue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Supplier;

/** Where broken promises are reported, and the last things that happened before. */
public final class Violations {
  private static final int TRACE_LENGTH = 3_000;

  private final EventQueue queue;
  private final boolean tracing;
  private final Deque<String> trace = new ArrayDeque<>();

  /**
   * @param queue ends the run at the first violation
   * @param tracing whether to keep a trace, which takes longer than the run itself
   */
  public Violations(EventQueue queue, boolean tracing) {
    this.queue = queue;
    this.tracing = tracing;
  }

  /** Notes something that helps to understand a violation. */
  public void trace(Supplier<String> event) {
    if (!tracing) {
      return;
    }
    if (trace.size() == TRACE_LENGTH) {
      trace.removeFirst();
    }
    trace.add(String.format(Locale.ROOT, "%12.3f ms  %s", queue.now() / 1e6, event.get()));
  }

  /**
   * A promise was broken.
   *
   * @param promise which, for example "P2"
   */
  public void report(String promise, String what) {
    trace(() -> "VIOLATION " + promise + ": " + what);
    queue.report(new AssertionError(promise + ": " + what));
  }

  /** The last events, oldest first. */
  public String traceText() {
    return String.join("\n", trace);
  }
}
