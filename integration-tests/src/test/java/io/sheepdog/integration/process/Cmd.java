package io.sheepdog.integration.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One external command with a time limit. Its output goes through files, so a chatty process can
 * neither block nor fill the heap; when the limit passes, it and its descendants - and nothing else
 * - are killed.
 *
 * @param argv program and arguments
 * @param environment variables added to those of the test JVM
 * @param limit how long it may run
 */
public record Cmd(List<String> argv, Map<String, String> environment, Duration limit) {

  /** How much of each output stream is kept, in bytes. */
  public static final int OUTPUT_LIMIT = 4 << 20;

  public Cmd {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
  }

  /**
   * Runs it to its end; a command that passes its limit is killed and fails the test with what it
   * had printed.
   */
  public Outcome run() {
    Path stdout = null;
    Path stderr = null;
    try {
      stdout = Files.createTempFile("sheepdog-it", ".out");
      stderr = Files.createTempFile("sheepdog-it", ".err");
      return run(stdout, stderr);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + argv, e);
    } finally {
      deleteIfPresent(stdout);
      deleteIfPresent(stderr);
    }
  }

  private Outcome run(Path stdout, Path stderr) throws IOException {
    long start = System.nanoTime();
    Process process =
        builder()
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    boolean ended = awaitEnd(process);
    if (!ended) {
      killTree(process);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    Outcome outcome =
        new Outcome(
            String.join(" ", argv),
            ended ? process.exitValue() : -1,
            head(stdout),
            head(stderr),
            took);
    if (!ended) {
      throw new AssertionError("still running after " + limit + ", killed: " + outcome);
    }
    return outcome;
  }

  ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().putAll(environment);
    return builder;
  }

  private boolean awaitEnd(Process process) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      killTree(process);
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + argv, e);
    }
  }

  /** Kills the process and everything it started, children first so that none is orphaned. */
  public static void killTree(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static String head(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(OUTPUT_LIMIT), StandardCharsets.UTF_8);
    }
  }

  private static void deleteIfPresent(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
