package io.sheepdog.nativebindings.corosync;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short external commands. */
final class Commands {
  private static final int SECONDS = 30;

  private Commands() {}

  /** How a command ended, with all it printed. */
  record Result(int code, String output) {}

  /** Runs a command that prints little, to its end. */
  static Result run(List<String> argv) {
    try {
      Process process =
          new ProcessBuilder(argv)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(argv + " did not end within " + SECONDS + " s");
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + argv, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + argv, e);
    }
  }

  /** As {@link #run}; anything but success is an error. */
  static String mustRun(List<String> argv) {
    Result result = run(argv);
    if (result.code() != 0) {
      throw new AssertionError(argv + " ended with " + result.code() + ": " + result.output());
    }
    return result.output();
  }
}
