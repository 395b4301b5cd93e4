package io.sheepdog.nativebindings.corosync;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A network, process and mount namespace. Its first process reads from a pipe of this JVM: when
 * this is closed, or the JVM dies in whatever way, the kernel ends everything in it.
 */
final class Namespace implements AutoCloseable {
  private final Process holder;
  private final long init;

  private Namespace(Process holder, long init) {
    this.holder = holder;
    this.init = init;
  }

  /**
   * A new namespace with nothing but loopback.
   *
   * @param setUp shell commands to run in it
   */
  static Namespace create(String setUp) {
    List<String> argv =
        List.of(
            "unshare",
            "--net",
            "--pid",
            "--mount",
            "--mount-proc",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            "ip link set lo up && " + setUp + " && echo ready && exec cat");
    try {
      Process holder = new ProcessBuilder(argv).redirectErrorStream(true).start();
      String said =
          new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      if (!"ready".equals(said)) {
        holder.destroyForcibly();
        throw new AssertionError(
            "cannot make a namespace (tests with corosync need root): " + said);
      }
      long init = holder.toHandle().children().findFirst().orElseThrow().pid();
      return new Namespace(holder, init);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + argv, e);
    }
  }

  /** Process id of its first process, as this JVM counts. */
  long init() {
    return init;
  }

  /** The command line that runs the given one inside. */
  List<String> command(List<String> argv) {
    List<String> entered =
        new ArrayList<>(
            List.of("nsenter", "--target", Long.toString(init), "--net", "--pid", "--mount", "--"));
    entered.addAll(argv);
    return entered;
  }

  /** The head of a command line that runs the rest on its network, among this JVM's processes. */
  List<String> networkOnly() {
    return List.of("nsenter", "--target", Long.toString(init), "--net", "--");
  }

  /** Runs a shell line inside. */
  String shell(String line) {
    return Commands.mustRun(command(List.of("sh", "-c", line)));
  }

  @Override
  public void close() {
    holder.descendants().forEach(ProcessHandle::destroyForcibly);
    holder.destroyForcibly();
    holder.onExit().join();
  }
}
