package io.sheepdog.daemon.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Whoever started the daemon and waits for word that it is ready.
 *
 * <p>In the background that is {@code bin/sheep}: the environment variable {@value #VARIABLE} names
 * an inherited descriptor, to which the lines {@code OUT text}, {@code ERR text} and at last {@code
 * EXIT code} go; the launching command prints the texts and ends with that code. In the foreground
 * the texts go to standard output and standard error. Any thread may use it.
 */
public final class Launcher {
  /** Environment variable with the number of the descriptor. */
  public static final String VARIABLE = "SHEEP_READY_FD";

  private final @Nullable PrintStream pipe;
  private boolean done;

  private Launcher(@Nullable PrintStream pipe) {
    this.pipe = pipe;
  }

  /** The launcher of this process. */
  public static Launcher find() {
    String descriptor = System.getenv(VARIABLE);
    return descriptor == null ? foreground() : background(Path.of("/proc/self/fd", descriptor));
  }

  static Launcher foreground() {
    return new Launcher(null);
  }

  static Launcher background(Path pipe) {
    try {
      OutputStream out = Files.newOutputStream(pipe, StandardOpenOption.WRITE);
      return new Launcher(new PrintStream(out, true, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(
          VARIABLE + " names no descriptor that can be written: " + pipe, e);
    }
  }

  /** Has a text printed on standard output; lines of their own. */
  public synchronized void out(String text) {
    say("OUT ", text, System.out);
  }

  /** Has a text printed on standard error. */
  public synchronized void err(String text) {
    say("ERR ", text, System.err);
  }

  private void say(String kind, String text, PrintStream foreground) {
    if (done) {
      return;
    }
    for (String line : text.stripTrailing().split("\n", -1)) {
      if (pipe == null) {
        foreground.println(line);
      } else {
        pipe.print(kind + line + "\n");
      }
    }
    foreground.flush();
  }

  /**
   * Ends the launching command with that code; later texts are dropped. Does not end this process.
   */
  public synchronized void exit(int code) {
    if (!done && pipe != null) {
      pipe.print("EXIT " + code + "\n");
      pipe.close();
    }
    done = true;
  }
}
