package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A client that writes one block after the other to a VDI over one connection, each with a pattern
 * of its own, and remembers what was acknowledged.
 *
 * <p>When its gateway cuts the connection, QEMU 5.2 now and then fails an assertion of its own
 * instead of connecting again. Its user would start it again, and so does this one: the write that
 * was under way was not acknowledged, and is made again.
 */
final class PatternWriter implements AutoCloseable {
  /** Bytes of the VDI that are written to. */
  static final long SIZE = 128L << 20;

  private static final long OBJECT = 4L << 20;
  private static final long BLOCK = 64L << 10;
  private static final long OBJECTS = SIZE / OBJECT;
  private static final int PATTERNS = 255;
  private static final int END_SECONDS = 90;
  private static final int ABORT_SECONDS = 5;
  private static final String OWN_FAULT = "aio_co_enter: Assertion `self != co' failed";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final QemuHost host;
  private final String url;
  private final Path errors;
  private final Map<Long, Integer> acknowledged = new TreeMap<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private volatile Process qemuIo;
  private BufferedReader said;
  private OutputStream commands;
  private long faultAt;
  private boolean faulted;
  private volatile int writes;
  private volatile boolean enough;
  private Duration longest = Duration.ZERO;

  private PatternWriter(QemuHost host, String url, Path errors) {
    this.host = host;
    this.url = url;
    this.errors = errors;
    this.qemuIo = client();
    this.said = qemuIo.inputReader(StandardCharsets.UTF_8);
    this.commands = qemuIo.getOutputStream();
  }

  private Process client() {
    // line by line, or nothing is heard of a write before many more are done
    return host.converse(errors, List.of("stdbuf", "-oL", "qemu-io", url));
  }

  /**
   * Creates a VDI and starts to write to it.
   *
   * @param gateway through which the client reaches the cluster
   * @param logs directory of what is said on standard error
   */
  static PatternWriter start(QemuHost host, ClusterNode gateway, String vdi, Path logs) {
    String url = gateway.url(vdi);
    host.run("qemu-img create -f sheepdog %s %d".formatted(url, SIZE)).orFail();
    PatternWriter writer = new PatternWriter(host, url, logs.resolve(vdi + ".err"));
    Thread thread = new Thread(writer::run, "pattern-writer");
    thread.setDaemon(true);
    thread.start();
    return writer;
  }

  private void run() {
    try {
      for (int i = 0; !enough; i++) {
        long offset = i % OBJECTS * OBJECT + i / OBJECTS * BLOCK % OBJECT;
        write(offset, 1 + i % PATTERNS);
      }
      say("quit");
      end.complete(null);
    } catch (IOException | RuntimeException | AssertionError e) {
      end.completeExceptionally(e);
    }
  }

  private void write(long offset, int pattern) throws IOException {
    long start = System.nanoTime();
    String command = "write -P %d %d %d".formatted(pattern, offset, BLOCK);
    String answer = answer(command);
    while (!answer.contains("wrote " + BLOCK + "/" + BLOCK + " bytes")) {
      if (!mayStartAgain()) {
        throw new AssertionError(
            command + " was answered with " + answer + "\n" + Files.readString(errors));
      }
      answer = answer(command);
    }
    said.readLine(); // how fast it was
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    note(took);
    acknowledged.put(offset, pattern);
    writes++;
  }

  private String answer(String command) throws IOException {
    try {
      say(command);
    } catch (IOException ended) {
      return String.valueOf(ended.getMessage());
    }
    return String.valueOf(said.readLine());
  }

  /**
   * Starts QEMU again if it ended by its own fault; and again while the lock of the one before
   * lives, some seconds.
   */
  private boolean mayStartAgain() throws IOException {
    if (!hasEnded(qemuIo)) {
      return false;
    }
    String why = Files.readString(errors);
    if (why.contains(OWN_FAULT)) {
      faulted = true;
      faultAt = System.nanoTime();
    } else if (!faulted
        || !why.contains("VDI is already locked")
        || System.nanoTime() - faultAt > LIMIT.toNanos()) {
      return false;
    }
    qemuIo = client();
    said = qemuIo.inputReader(StandardCharsets.UTF_8);
    commands = qemuIo.getOutputStream();
    return true;
  }

  private static boolean hasEnded(Process process) {
    try {
      process.onExit().get(ABORT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException isAlive) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("waiting for the end of " + process, e);
    }
  }

  private synchronized void note(Duration took) {
    longest = took.compareTo(longest) > 0 ? took : longest;
  }

  /** How long the longest write took of those that ended since this was asked last. */
  synchronized Duration longest() {
    Duration asked = longest;
    longest = Duration.ZERO;
    return asked;
  }

  private void say(String command) throws IOException {
    commands.write((command + "\n").getBytes(StandardCharsets.UTF_8));
    commands.flush();
  }

  /** Waits until that many more writes are acknowledged; a minute at most. */
  void awaitMore(int more) {
    int wanted = writes() + more;
    Awaitility.await(wanted + " acknowledged writes").atMost(LIMIT).until(() -> writes() >= wanted);
  }

  /** How many writes were acknowledged up to now. Fails when one was refused. */
  int writes() {
    if (end.isCompletedExceptionally()) {
      end.join();
    }
    return writes;
  }

  /** Ends after the write under way. */
  void finish() {
    enough = true;
    try {
      end.get(END_SECONDS, TimeUnit.SECONDS);
      qemuIo.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the client does not go on after " + writes + " writes", e);
    }
  }

  /** Reads all that was acknowledged, after {@link #finish}. */
  void verify(String vdi) {
    String checks =
        acknowledged.entrySet().stream()
            .map(
                block ->
                    "-c 'read -q -P %d %d %d'".formatted(block.getValue(), block.getKey(), BLOCK))
            .collect(Collectors.joining(" "));
    assertThat(host.run("qemu-io " + checks + " " + vdi).orFail().toString())
        .doesNotContain("failed")
        .doesNotContain("error");
  }

  @Override
  public void close() {
    enough = true;
    qemuIo.destroyForcibly();
    qemuIo.onExit().join();
  }
}
