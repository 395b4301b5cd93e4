package io.sheepdog.integration.qemu;

import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/**
 * A machine that QEMU emulates without hardware help (TCG), its first serial port joined to the
 * test. The guests of {@link GuestImage} answer requests there.
 */
public final class Guest implements AutoCloseable {

  private static final Duration BOOT_LIMIT = Duration.ofSeconds(240);
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(90);

  private static final Duration SOCKET_LIMIT = Duration.ofSeconds(30);

  private static final String LOG = "qemu.log";
  private static final Pattern QMP_ANSWER =
      Pattern.compile("^\\{\"(return|error)\".*$(?=[\\r\\n])", Pattern.MULTILINE);

  private final Process qemu;
  private final Path directory;
  private final UnixLine serial;
  private final UnixLine monitor;

  private Guest(Process qemu, Path directory, UnixLine serial, UnixLine monitor) {
    this.qemu = qemu;
    this.directory = directory;
    this.serial = serial;
    this.monitor = monitor;
  }

  /**
   * Starts {@code qemu-system-x86_64} and returns while the guest boots.
   *
   * @param options what an operator would type after the program's name, separated by blanks
   */
  public static Guest start(Shell shell, String options) {
    return start(shell, List.of(options.split(" ", -1)));
  }

  /** As {@link #start(Shell, String)}, for options with blanks in them. */
  public static Guest start(Shell shell, List<String> options) {
    try {
      // short paths: a Unix socket's has at most 107 bytes
      Path directory = Files.createTempDirectory("sheepdog-vm");
      Path serial = directory.resolve("serial");
      Path monitor = directory.resolve("monitor");
      List<String> argv = new ArrayList<>(List.of("qemu-system-x86_64"));
      argv.addAll(options);
      argv.addAll(List.of("-m", "96", "-nic", "none", "-display", "none"));
      argv.addAll(List.of("-serial", "unix:" + serial + ",server,nowait"));
      argv.addAll(List.of("-monitor", "none", "-qmp", "unix:" + monitor + ",server,nowait"));
      Process qemu = shell.start(directory.resolve(LOG), argv);
      try {
        Guest guest = new Guest(qemu, directory, connect(qemu, serial), connect(qemu, monitor));
        guest.qmp("{\"execute\": \"qmp_capabilities\"}");
        return guest;
      } catch (Throwable e) {
        Cmd.killTree(qemu);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a guest with " + options, e);
    }
  }

  /** QEMU makes its sockets one after the other before the guest starts. */
  private static UnixLine connect(Process qemu, Path socket) throws IOException {
    try {
      return await("QEMU's socket " + socket)
          .pollInterval(Duration.ofMillis(50))
          .atMost(SOCKET_LIMIT)
          .ignoreExceptionsInstanceOf(SocketException.class)
          .failFast("QEMU ended", () -> !qemu.isAlive())
          .until(() -> UnixLine.connect(socket), Objects::nonNull);
    } catch (TerminalFailureException | ConditionTimeoutException e) {
      throw new AssertionError(
          e.getMessage() + ": " + Files.readString(socket.resolveSibling(LOG)), e);
    }
  }

  /**
   * Waits until the guest has booted and found its files as they should be; {@code medium} is disk
   * or cd.
   */
  public void awaitReady(String medium) {
    expect("SHEEPDOG-GUEST-READY " + medium, BOOT_LIMIT);
  }

  /** Sends the guest a request over the serial line and waits for the answer. */
  public void ask(String request, String answer) {
    serial.send(request + "\n");
    expect(answer, REQUEST_LIMIT);
  }

  private void expect(String text, Duration limit) {
    if (serial
        .await(Pattern.compile("^" + Pattern.quote(text), Pattern.MULTILINE), limit)
        .isEmpty()) {
      throw new AssertionError(
          "the guest did not say \"%s\" within %s%n--- serial line%n%s%n--- QEMU (%s)%n%s"
              .formatted(text, limit, serial.transcript(), state(), qemuLog()));
    }
  }

  /** How often the guest has read from and written to any of its disks so far. */
  public long diskAccesses() {
    Matcher counter =
        Pattern.compile("\"(?:rd|wr|flush|unmap)_operations\": (\\d+)")
            .matcher(qmp("{\"execute\": \"query-blockstats\"}"));
    return counter.results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
  }

  /** Runs a command of QEMU's human monitor that answers nothing when it works. */
  public void monitor(String command) {
    String answer =
        qmp(
            "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"%s\"}}"
                .formatted(command));
    if (!answer.strip().equals("{\"return\": \"\"}")) {
      throw new AssertionError(command + ": " + answer);
    }
  }

  private String qmp(String request) {
    monitor.send(request + "\n");
    return monitor
        .await(QMP_ANSWER, REQUEST_LIMIT)
        .orElseThrow(
            () -> new AssertionError("no answer to " + request + ": " + monitor.transcript()));
  }

  /** Lets the guest power itself off and waits until QEMU has ended. */
  public void powerOff() {
    serial.send("poweroff\n");
    await("end of QEMU").atMost(Duration.ofSeconds(30)).until(() -> !qemu.isAlive());
  }

  /** Kills QEMU with SIGKILL. */
  public void kill() {
    Cmd.killTree(qemu);
    qemu.onExit().join();
  }

  /** Whether QEMU still runs. */
  public boolean isRunning() {
    return qemu.isAlive();
  }

  private String state() {
    return qemu.isAlive() ? "running" : "ended with " + qemu.exitValue();
  }

  private String qemuLog() {
    try {
      return Files.readString(directory.resolve(LOG));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
    serial.close();
    monitor.close();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
