package io.sheepdog.cli.format;

import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;

/**
 * How far a long operation is, on one line that is drawn again and again; nothing at all unless
 * standard output is a terminal (spec/cli-dog-1.0.md section 1.8). {@code collie} adds the rate and
 * the time that is left.
 */
public final class Progress {
  private static final long REDRAW_NANOS = 200_000_000;
  private static final double NANOS = 1e9;
  private static final int MARGIN = 30;
  private static final int RATE_WIDTH = 22;
  private static final int DEFAULT_WIDTH = 80;
  private static final int MIN_WIDTH = 60;
  private static final int PERCENT_WIDTH = 5;
  private static final int PER_MILLE = 1000;
  private static final int TEN = 10;

  private final Console console;
  private final boolean rate;
  private final long total;
  private final int width;
  private final long begin = System.nanoTime();
  private long done;
  private long drawn = begin - REDRAW_NANOS;

  /**
   * Begins.
   *
   * @param total bytes that are to be done
   */
  public Progress(Console console, Profile profile, long total) {
    this.console = console;
    this.rate = profile == Profile.COLLIE;
    this.total = total;
    this.width = width(console);
  }

  private static int width(Console console) {
    try {
      String columns = console.environment().getOrDefault("COLUMNS", "");
      return columns.isEmpty() ? DEFAULT_WIDTH : Math.max(MIN_WIDTH, Integer.parseInt(columns));
    } catch (NumberFormatException noNumber) {
      return DEFAULT_WIDTH;
    }
  }

  /** So many more bytes are done. */
  public void add(long bytes) {
    done += bytes;
    long now = System.nanoTime();
    if (console.outputIsTerminal() && now - drawn >= REDRAW_NANOS) {
      drawn = now;
      draw(now);
    }
  }

  /** Everything is done. */
  public void finish() {
    if (console.outputIsTerminal()) {
      done = total;
      draw(System.nanoTime());
      console.out().println();
      console.out().flush();
    }
  }

  private void draw(long now) {
    double part = total == 0 ? 1 : Math.min(1.0, (double) done / total);
    long mille = (long) (part * PER_MILLE);
    int cells = width - MARGIN - (rate ? RATE_WIDTH : 0);
    int full = (int) (part * cells);
    String bar = "=".repeat(Math.max(0, full - 1)) + (full > 0 ? (full < cells ? ">" : "=") : "");
    String line =
        Words.right(mille / TEN + "." + mille % TEN, PERCENT_WIDTH)
            + " % ["
            + Words.left(bar, cells)
            + "] "
            + Sizes.human(done)
            + " / "
            + Sizes.human(total)
            + (rate ? rate(now) : "");
    console.out().print("\r" + Words.left(line, width));
    console.out().flush();
  }

  private String rate(long now) {
    double seconds = (now - begin) / NANOS;
    if (seconds <= 0 || done == 0) {
      return "";
    }
    double perSecond = done / seconds;
    long left = (long) Math.ceil((total - done) / perSecond);
    return " " + Sizes.human((long) perSecond) + "/s " + Times.left(left);
  }
}
