package io.sheepdog.integration.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where an operator types: a host and the directories in which commands are looked for first.
 *
 * @param host where the commands run
 * @param programs directories put in front of the search path, most important first
 */
public record Shell(Host host, List<Path> programs) {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  public Shell {
    programs = List.copyOf(programs);
  }

  /** The same shell that finds programs of this directory before all others. */
  public Shell preferring(Path directory) {
    List<Path> extended = new ArrayList<>(List.of(directory));
    extended.addAll(programs);
    return new Shell(host, extended);
  }

  /** The same habits on another host. */
  public Shell on(Host other) {
    return new Shell(other, programs);
  }

  /** Runs one line as {@code sh} reads it and hands back how it ended. */
  public Outcome run(String line) {
    return run(LIMIT, line);
  }

  /** As {@link #run(String)} for a line that may take its time. */
  public Outcome run(Duration limit, String line) {
    return new Cmd(host.enter(List.of("sh", "-c", line)), environment(), limit).run();
  }

  /**
   * Starts a command that stays in the foreground; its output is appended to the file. It ends with
   * the host at the latest.
   */
  public Process start(Path output, List<String> argv) {
    try {
      return new Cmd(host.enter(argv), environment(), LIMIT)
          .builder()
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + argv, e);
    }
  }

  private Map<String, String> environment() {
    String first = programs.stream().map(Path::toString).collect(Collectors.joining(":"));
    String rest = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    return Map.of("PATH", first.isEmpty() ? rest : first + ":" + rest, "LC_ALL", "C");
  }
}
