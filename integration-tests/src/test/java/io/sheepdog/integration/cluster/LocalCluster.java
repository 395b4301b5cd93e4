package io.sheepdog.integration.cluster;

import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Several {@code sheep} of one host, joined by the {@code local} driver and, unless asked
 * otherwise, formatted, on the ports from 7000 on of a {@link Host} of their own. Register it as a
 * static {@code @RegisterExtension}. When a test fails, the logs of all nodes are printed and the
 * stores are kept.
 */
public final class LocalCluster implements BeforeAllCallback, AfterAllCallback, TestWatcher {

  /** The historical port, on which the first node listens. */
  public static final int FIRST_PORT = 7000;

  private static final Duration START_LIMIT = Duration.ofSeconds(120);
  private static final int LOG_LINES = 80;
  private static final int UNFORMATTED = 0;
  private static final String HANGING_SYNCS =
      "-e trace=fdatasync,fsync -e inject=fdatasync,fsync:delay_enter=120000000";

  private final int nodes;
  private final int copies;
  private final List<String> disks;
  private @Nullable Host host;
  private @Nullable Path directory;
  private boolean failed;

  private LocalCluster(int nodes, int copies, List<String> disks) {
    this.nodes = nodes;
    this.copies = copies;
    this.disks = disks;
  }

  /** A cluster of that many nodes, to be formatted with {@code --copies} of that many. */
  public static LocalCluster of(int nodes, int copies) {
    return new LocalCluster(nodes, copies, List.of());
  }

  /** A cluster of that many nodes that nobody has formatted yet. */
  public static LocalCluster unformatted(int nodes) {
    return new LocalCluster(nodes, UNFORMATTED, List.of());
  }

  /**
   * A cluster with a node for each of these sizes, such as {@code 96M}: the store of each is on a
   * file system of its own, in memory, which only the nodes' host sees. Root is needed.
   */
  public static LocalCluster onDisks(int copies, String... sizes) {
    return new LocalCluster(sizes.length, copies, List.of(sizes));
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    Path parent = Files.createDirectories(Repository.root().resolve("integration-tests/target/it"));
    directory = Files.createTempDirectory(parent, "c");
    host = Host.isolated();
    try {
      for (int node = 0; node < nodes; node++) {
        if (!disks.isEmpty()) {
          shell()
              .run(
                  "mkdir %1$s && mount -t tmpfs -o size=%2$s disk %1$s"
                      .formatted(store(node), disks.get(node)))
              .orFail();
        }
        start(node);
      }
      if (copies != UNFORMATTED) {
        shell().run("collie cluster format --copies=" + copies).orFail();
      }
    } catch (AssertionError e) {
      testFailed(context, e);
      throw e;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (host != null) {
      host.close();
    }
    if (!failed && directory != null) {
      deleteTree(directory);
    }
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    failed = true;
    System.err.printf("%s failed; the stores stay in %s%n", context.getDisplayName(), directory);
    for (int node = 0; node < nodes; node++) {
      System.err.printf("--- sheep.log of the node on port %d%n%s", port(node), logOf(node));
    }
  }

  /**
   * Starts a node (again), as an operator would, and returns when it has joined. A start without
   * trouble says nothing on standard error.
   */
  public Outcome start(int node) {
    return start(node, "");
  }

  /** The same with more options. */
  public Outcome start(int node, String options) {
    Outcome started = tryToStart(node, options).orFail();
    if (!started.stderr().isEmpty()) {
      throw new AssertionError("unexpected words on standard error of " + started);
    }
    return started;
  }

  /** Starts a node that may be refused. */
  public Outcome tryToStart(int node, String options) {
    return shell()
        .run(
            START_LIMIT,
            "SHEEPDOG_LOCAL_DIR=%s sheep -c local -p %d -P %s %s %s"
                .formatted(
                    directory().resolve("events"),
                    port(node),
                    pidFile(node),
                    options,
                    store(node)));
  }

  /** Kills a node as a power cut of its machine would, but for the page cache. */
  public void kill(int node) {
    shell().run("kill -9 $(cat %s)".formatted(pidFile(node))).orFail();
  }

  /** Kills all nodes at the same moment. */
  public void killAll() {
    List<Integer> all = IntStream.range(0, ports().size()).boxed().toList();
    String files = all.stream().map(n -> pidFile(n).toString()).collect(Collectors.joining(" "));
    shell().run("kill -9 $(cat %s)".formatted(files)).orFail();
  }

  /** Stops a node's process where it is, until {@link #goOn}. */
  public void standStill(int node) {
    shell().run("kill -STOP $(cat %s)".formatted(pidFile(node))).orFail();
  }

  /** Lets a stopped process go on, for which no time has passed. */
  public void goOn(int node) {
    shell().run("kill -CONT $(cat %s)".formatted(pidFile(node))).orFail();
  }

  /**
   * From now on no sync of a node's disk ends, until {@link #mendDisk}.
   *
   * @throws AssertionError if it cannot be done on this machine
   */
  public void hangDisk(int node) {
    trace(node, HANGING_SYNCS);
  }

  /**
   * From now on these system calls end with EIO when a node makes them for a file of its store that
   * is there now, until {@link #mendDisk}.
   *
   * @param calls such as {@code fdatasync,fsync}
   * @throws AssertionError if it cannot be done on this machine
   */
  public void breakDisk(int node, String calls) {
    StringBuilder files = new StringBuilder(" -P " + store(node).resolve("dirty"));
    try (DirectoryStream<Path> objects = Files.newDirectoryStream(store(node).resolve("obj"))) {
      objects.forEach(object -> files.append(" -P ").append(object));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    trace(node, "-e trace=%1$s -e inject=%1$s:error=EIO%2$s".formatted(calls, files));
  }

  private void trace(int node, String expressions) {
    Path said = directory().resolve("strace.out");
    shell()
        .start(
            said,
            List.of(
                "sh",
                "-c",
                "echo $$ > %s; exec strace -f -p $(cat %s) -o /dev/null %s"
                    .formatted(stracePid(), pidFile(node), expressions)));
    Awaitility.await("strace is attached")
        .atMost(START_LIMIT)
        .until(() -> Files.readString(said).contains("attached"));
  }

  /** Lets the syncs that hang end, or the calls that failed succeed again. */
  public void mendDisk() {
    shell().run("kill $(cat %s)".formatted(stracePid())).orFail();
  }

  private Path stracePid() {
    return directory().resolve("strace.pid");
  }

  /** The host the nodes run on. */
  public Host host() {
    return Objects.requireNonNull(host, "the cluster is not running");
  }

  /** A shell on the nodes' host that finds {@code sheep}, {@code collie} and {@code dog}. */
  public Shell shell() {
    return new Shell(host(), List.of(Repository.bin()));
  }

  /** The TCP ports of the nodes, in the order they joined. */
  public List<Integer> ports() {
    return IntStream.range(0, nodes).map(LocalCluster::port).boxed().toList();
  }

  /** The store of one node. */
  public Path store(int node) {
    return directory().resolve("n" + node);
  }

  /** The files of that store for the test's own process, wherever they are. */
  public Path files(int node) {
    return disks.isEmpty() ? store(node) : host().seenFromOutside(store(node));
  }

  /** Makes the disk of a node larger or smaller, under its feet. */
  public void resizeDisk(int node, String size) {
    shell().run("mount -o remount,size=%s %s".formatted(size, store(node))).orFail();
  }

  /** The Unix socket of one node, which the test's own process can reach. */
  public Path socket(int node) {
    return store(node).resolve("sock");
  }

  /** A directory for whatever else the tests need; removed with the stores. */
  public Path directory() {
    return Objects.requireNonNull(directory, "the cluster is not running");
  }

  private Path pidFile(int node) {
    return directory().resolve("n" + node + ".pid");
  }

  private static int port(int node) {
    return FIRST_PORT + node;
  }

  /** The file that a node logs to. */
  public Path log(int node) {
    return files(node).resolve("sheep.log");
  }

  /** The last lines of a node's log. */
  public String logOf(int node) {
    Path log = log(node);
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of("(none)");
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()))
          + "\n";
    } catch (IOException e) {
      return log + " cannot be read: " + e + "\n";
    }
  }

  private static void deleteTree(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw new UncheckedIOException(failure);
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
