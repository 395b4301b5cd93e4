package io.sheepdog.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What must be the same after a mistake as before. */
final class Unharmed {
  /** What daemons write by themselves: marks of objects that nobody writes to are taken away. */
  private static final String SELF_MADE_FILES = "sheep.log|sock|lock|dirty";

  private final LocalCluster cluster;

  Unharmed(LocalCluster cluster) {
    this.cluster = cluster;
  }

  /** Runs a command that must fail with words on standard error, and changes nothing. */
  Outcome refuses(String command) throws IOException {
    String before = everything();
    Outcome outcome = cluster.shell().run(command).mustFail();
    assertThat(outcome.stderr()).as(command).isNotBlank().doesNotContain("Exception", "\tat ");
    assertThat(everything()).as("images and stores after %s", command).isEqualTo(before);
    hasNoStackTraces();
    return outcome;
  }

  /** The daemons answer, and no log shows an exception. */
  void stillServes() throws IOException {
    cluster.shell().run("collie vdi list").orFail();
    cluster.shell().run("collie node info").orFail();
    hasNoStackTraces();
  }

  /** No daemon has logged where in the program something happened. */
  void hasNoStackTraces() throws IOException {
    List<String> traces = new ArrayList<>();
    for (Path log : logs()) {
      try (var lines = Files.lines(log)) {
        lines
            .filter(line -> line.startsWith("\tat ") || line.contains("Exception"))
            .limit(20)
            .forEach(traces::add);
      }
    }
    assertThat(traces).isEmpty();
  }

  private List<Path> logs() {
    List<Path> logs = new ArrayList<>();
    for (int node = 0; node < cluster.ports().size(); node++) {
      logs.add(cluster.store(node).resolve("sheep.log"));
    }
    return logs;
  }

  private String everything() {
    String tree =
        "find %s/n* -type f -printf '%%p %%s %%T@\\n' | grep -vE '/(%s)( |$)' | sort"
            .formatted(cluster.directory(), SELF_MADE_FILES);
    return cluster.shell().run("collie vdi list; " + tree).stdout();
  }
}
