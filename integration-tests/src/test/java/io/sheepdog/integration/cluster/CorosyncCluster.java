package io.sheepdog.integration.cluster;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNet;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * A new cluster for each test: nodes 1 to n with running corosyncs in one ring; sheep are started
 * by the test, with the driver that is the default. When a test fails, the logs of all nodes are
 * printed.
 */
public final class CorosyncCluster implements BeforeEachCallback, AfterEachCallback, TestWatcher {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final int LOG_LINES = 60;

  private final int nodes;
  private final CorosyncConf configuration;
  private @Nullable CorosyncNet net;
  private @Nullable Path directory;

  /**
   * @param nodes how many, with the numbers from 1 on
   * @param configuration of every corosync
   */
  public CorosyncCluster(int nodes, CorosyncConf configuration) {
    this.nodes = nodes;
    this.configuration = configuration;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    Path parent = Files.createDirectories(Repository.root().resolve("integration-tests/target/it"));
    directory = Files.createTempDirectory(parent, "k");
    net = CorosyncNet.running(nodes, configuration);
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    boolean failed = context.getExecutionException().isPresent();
    if (failed) {
      report();
    }
    net().close();
    if (!failed) {
      try (Stream<Path> files = Files.walk(directory())) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void report() {
    System.err.printf("the stores stay in %s%n%s", directory(), net().logs());
    for (CorosyncNode node : net().nodes()) {
      System.err.printf("--- sheep.log of node %d%n%s", node.number(), log(node.number()));
    }
  }

  /** The machines, their corosyncs and their network. */
  public CorosyncNet net() {
    return Objects.requireNonNull(net, "the cluster is not running");
  }

  private Path directory() {
    return Objects.requireNonNull(directory, "the cluster is not running");
  }

  /** The store of a node, which the test can look into. */
  public Path store(int node) {
    return directory().resolve("n" + node);
  }

  /** Starts sheep as an operator does. */
  public Outcome sheep(int node) {
    return run(node, "sheep " + store(node));
  }

  /** Starts sheep on all nodes, one after the other. */
  public void sheepEverywhere() {
    for (CorosyncNode node : net().nodes()) {
      sheep(node.number()).orFail();
    }
  }

  /** Runs one line as {@code sh} reads it, on a node, to its end. */
  public Outcome run(int node, String line) {
    return new Cmd(
            net().node(node).command(List.of("sh", "-c", line)),
            Map.of(
                "PATH",
                Repository.bin() + ":/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL",
                "C",
                "JAVA_HOME",
                System.getProperty("java.home")),
            LIMIT)
        .run();
  }

  /** The end of the log of a node's sheep. */
  public String log(int node) {
    Path log = store(node).resolve("sheep.log");
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of("(none)");
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()))
          + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the log of a node's sheep holds a text. */
  public void awaitLog(int node, String text) {
    Awaitility.await(text + " in the log of node " + node)
        .atMost(WAIT)
        .until(() -> log(node).contains(text));
  }

  /** Waits until a node lists that many nodes. */
  public void awaitNodes(int node, int count) {
    Awaitility.await(count + " nodes at node " + node)
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () ->
                run(node, "timeout 10 collie node list").lines().stream()
                        .filter(line -> line.endsWith(":7000"))
                        .count()
                    == count);
  }
}
