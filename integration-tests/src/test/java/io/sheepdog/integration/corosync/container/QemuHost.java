package io.sheepdog.integration.corosync.container;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.qemu.Qemu52;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;

/**
 * A host of the cluster's network that stores nothing: QEMU 5.2 of this machine, with this
 * machine's files and the network of a container.
 */
public final class QemuHost {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private final GenericContainer<?> container;

  QemuHost(GenericContainer<?> container) {
    this.container = container;
  }

  GenericContainer<?> container() {
    return container;
  }

  /** Runs one line as {@code sh} reads it and hands back how it ended. */
  public Outcome run(String line) {
    return new Cmd(inside(List.of("sh", "-c", line)), Map.of(), LIMIT).run();
  }

  /**
   * Starts a command that stays in the foreground. Whoever calls ends it.
   *
   * @param output gets what it prints
   */
  public Process start(Path output, List<String> argv) {
    try {
      return new ProcessBuilder(inside(argv))
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + argv, e);
    }
  }

  /** Starts a command whose standard input and output the caller holds. */
  Process converse(Path errors, List<String> argv) {
    try {
      return new ProcessBuilder(inside(argv)).redirectError(errors.toFile()).start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + argv, e);
    }
  }

  private List<String> inside(List<String> argv) {
    Long init = Objects.requireNonNull(container.getCurrentContainerInfo().getState().getPidLong());
    List<String> entered = new ArrayList<>(List.of("nsenter", "--target", init.toString()));
    String path = Qemu52.bin() + ":" + System.getenv("PATH");
    entered.addAll(List.of("--net", "--", "env", "PATH=" + path));
    entered.addAll(argv);
    return entered;
  }
}
