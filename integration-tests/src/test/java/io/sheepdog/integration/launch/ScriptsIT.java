package io.sheepdog.integration.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of the guide and the quickstart. */
@Timeout(240)
final class ScriptsIT {

  private static final Duration LIMIT = Duration.ofSeconds(120);

  private Host host;
  private Shell shell;

  @TempDir private Path directory;

  @BeforeEach
  void openHost() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin(), Repository.root().resolve("script")));
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  @Test
  void startSheepdogStartsAsManyAsAskedAndReplacesThoseThatRun() {
    String start = "start-sheepdog -n=3 -d=%s/s -c local".formatted(directory);

    Outcome first = shell.run(LIMIT, start).orFail();
    List<String> before = daemons();
    Outcome second = shell.run(LIMIT, start).orFail();

    assertThat(first.stdout()).contains("--port 7002 " + directory + "/s2 -d -c local");
    assertThat(before).hasSize(3);
    assertThat(second.stdout()).contains(before.stream().map("kill -9 %s"::formatted).toList());
    assertThat(daemons()).hasSize(3).doesNotContainAnyElementsOf(before);
    assertThat(second.stderr()).isEmpty();
  }

  @Test
  void startSheepdogMakesUpAStoreUnderTmp() {
    Outcome start = shell.run(LIMIT, "start-sheepdog -c local").orFail();

    assertThat(start.stdout()).containsPattern("--port 7000 /tmp/[0-9]{2}\\.[0-9]{6} -d -c local");
    shell.run("rm -rf $(pgrep -af '^sheep' | grep -o '/tmp/[0-9]*\\.[0-9]*')").orFail();
  }

  @Test
  void stopSheepdogKillsOnlySheepOfThePortsNamed() {
    shell.run(LIMIT, "start-sheepdog -n=3 -d=%s/s -c local".formatted(directory)).orFail();
    shell.run("setsid bash -c 'exec -a \"other --port 7001\" sleep 600' >/dev/null 2>&1 &");

    Outcome stop = shell.run("stop-sheepdog 1").orFail();

    assertThat(stop.lines()).singleElement().asString().startsWith("kill -9 ");
    assertThat(daemons()).hasSize(2);
    assertThat(shell.run("exec pgrep -f 'other --port 7001'").exitCode()).isZero();
    assertThat(shell.run("stop-sheepdog '[0-100]'").orFail().lines()).hasSize(2);
    assertThat(daemons()).isEmpty();
  }

  @Test
  void wrongArgumentsChangeNothing() {
    assertThat(shell.run("stop-sheepdog all").mustFail().stderr()).startsWith("usage: ");
    assertThat(shell.run("start-sheepdog -n=many").mustFail().stderr()).contains("'many'");
    assertThat(shell.run("start-sheepdog '-h=a;reboot'").mustFail().stderr())
        .contains("'a;reboot' is no host name");
    assertThat(shell.run("bench --twice").mustFail().stderr()).contains("--twice");
    assertThat(shell.run("faults --twice").mustFail().stderr()).contains("--twice");
    assertThat(shell.run("quickstart --twice").mustFail().stderr()).contains("--twice");
  }

  @Test
  void completionOffersTheCommandsAndTheirSubcommands() {
    assertThat(completion("collie ''")).contains("cluster", "node", "vdi", "vm");
    assertThat(completion("collie corosync ''")).contains("check", "upgrade");
    for (String group : List.of("cluster", "node", "vdi", "vm", "corosync")) {
      assertThat(completion("collie " + group + " ''"))
          .containsExactlyElementsOf(
              shell.run("collie").orFail().lines().stream()
                  .filter(line -> line.startsWith("  " + group + " "))
                  .map(line -> line.strip().split(" +")[1])
                  .toList());
    }
    assertThat(completion("dog vdi ''")).contains("list", "delete", "object", "lock", "release");
    assertThat(completion("collie vm l")).containsExactly("list");
  }

  @Test
  void theQuickstartRunsThroughAndLeavesNothing() {
    Outcome outcome = shell.run(LIMIT, "TMPDIR=%s quickstart --once".formatted(directory)).orFail();

    assertThat(outcome.stdout())
        .contains("Alice", "8015d16700000000", "not running", "everything stopped");
    assertThat(outcome.stderr()).isEmpty();
    assertThat(daemons()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  /** Whether it is fast is not asked here; whether it measured what it says is. */
  @Test
  @Tag("qemu52")
  void theBenchmarkMeasuresSheepBesideItsPeers() throws IOException {
    Outcome outcome =
        shell.run(
            LIMIT,
            "bench --quick --runs 1 --only '4 KiB random write, depth 1' --directory %s --output %1$s/out"
                .formatted(directory));

    assertThat(outcome.exitCode()).as(outcome.stderr()).isIn(0, 1);
    assertThat(outcome.stdout())
        .containsPattern("\\| 4 KiB random write, depth 1 \\| [0-9.,]+ ops/s \\|.* nbdkit [0-9]")
        .contains("resident MiB, one node");
    assertThat(Files.readString(directory.resolve("out/results.json")))
        .containsPattern("\"sheep\": \\[\\s+[0-9]")
        .containsPattern("\"qemu-nbd\": \\[\\s+[0-9]");
    assertThat(directory.resolve("out/ratios.svg")).isNotEmptyFile();
    assertThat(directory.toFile().list()).containsExactly("out");
    assertThat(daemons()).isEmpty();
  }

  /** Process ids of the daemons on the host; a launcher that waits for one is not meant. */
  private List<String> daemons() {
    return shell.run("pgrep -f '^sheep @'").lines();
  }

  private List<String> completion(String words) {
    String line =
        "set -- %s; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _collie; printf '%%s\\n' \"${COMPREPLY[@]}\""
            .formatted(words);
    String script = Repository.root().resolve("script/bash_completion_collie").toString();
    return shell
        .run(
            "bash -c '. \"$0\"; eval \"$1\"' '%s' \"$(cat <<'X'\n%s\nX\n)\""
                .formatted(script, line))
        .orFail()
        .lines();
  }
}
