package io.sheepdog.daemon.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A running {@link MemberProcess} as the test sees it. */
final class MemberProcessHandle {
  /** Everything it printed, complete lines only; read while it grows. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  private final Process process;
  private final Writer in;
  private final Thread reader;
  private int sent;

  MemberProcessHandle(Path directory, long maxFileBytes) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                MemberProcess.class.getName(),
                directory.toString(),
                Long.toString(maxFileBytes))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    reader = new Thread(this::read, "member-output");
    reader.start();
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (isEvent(line)) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Log lines of the console appender go to the same stream. */
  private static boolean isEvent(String line) {
    return line.startsWith("self ")
        || line.startsWith("view ")
        || line.startsWith("message ")
        || line.startsWith("failed ");
  }

  String self() {
    return lines.get(0).substring("self ".length());
  }

  /** What its listener was told. */
  List<String> history() {
    return lines.subList(1, lines.size());
  }

  boolean joined() {
    return lines.size() > 1;
  }

  long messages() {
    return lines.stream().filter(line -> line.startsWith("message ")).count();
  }

  /** Messages of one sender. */
  long messagesOf(MemberProcessHandle sender) {
    String prefix = "message " + sender.self() + " ";
    return lines.stream().filter(line -> line.startsWith(prefix)).count();
  }

  /** Messages that this member was told to send. */
  int sent() {
    return sent;
  }

  boolean saw(String part) {
    return lines.stream().anyMatch(line -> line.contains(part));
  }

  void tell(String command) throws IOException {
    if (command.startsWith("send ")) {
      sent += Integer.parseInt(command.substring("send ".length()));
    }
    in.write(command + "\n");
    in.flush();
  }

  /** SIGKILL; returns when it is gone and all that it printed was read. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitEnd();
  }

  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " failed");
    }
  }

  void leave() throws IOException, InterruptedException {
    tell("leave");
    awaitEnd();
    if (process.exitValue() != 0) {
      throw new AssertionError("a member ended with " + process.exitValue() + ": " + lines);
    }
  }

  private void awaitEnd() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("a member does not end: " + lines);
    }
    reader.join(TimeUnit.SECONDS.toMillis(30));
  }

  boolean alive() {
    return process.isAlive();
  }
}
