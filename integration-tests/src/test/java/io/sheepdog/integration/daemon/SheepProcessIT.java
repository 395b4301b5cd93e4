package io.sheepdog.integration.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.ToolConnection;
import io.sheepdog.client.ToolOptions;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting and stopping {@code sheep} with the real launcher; each test on a host of its own. */
@Timeout(180)
final class SheepProcessIT {
  private static final String WAITS =
      "sheep: waiting for cluster format (collie cluster format --copies=N)\n";

  @TempDir private Path directory;
  private Host host;
  private Shell shell;

  @BeforeEach
  void openHost() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin()));
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  /**
   * Runs a line in which {@code @} stands for the test's directory, with a local cluster of its
   * own.
   */
  private Outcome run(String line) {
    return shell.run(
        "export SHEEPDOG_LOCAL_DIR=@/local; ".replace("@", at()) + line.replace("@", at()));
  }

  private String at() {
    return directory.toString();
  }

  private long pidOf(String store) throws IOException {
    return Long.parseLong(Files.readString(directory.resolve(store).resolve("lock")).strip());
  }

  /**
   * Process ids are those of the test's own host, on which nobody may collect the dead: they stay
   * as zombies.
   */
  private void awaitEnd(long pid) {
    run("""
            for i in $(seq 400); do
              grep -qs '^State:.[^Z]' /proc/%d/status || exit 0
              sleep 0.1
            done
            exit 1
            """
            .formatted(pid))
        .orFail();
  }

  private String log(String store) throws IOException {
    return Files.readString(directory.resolve(store).resolve("sheep.log"));
  }

  @Test
  void startingReturnsWhenTheNodeAnswersAndSaysThatItWaitsForAFormat() throws IOException {
    Outcome started = run("sheep -c local @/s -P @/pid").orFail();

    assertThat(started.stdout()).isEqualTo(WAITS);
    assertThat(started.stderr()).isEmpty();
    assertThat(directory.resolve("pid")).hasContent(pidOf("s") + "\n");
    assertThat(run("collie cluster info").stdout()).contains("Waiting for a format operation");
    assertThat(log("s")).containsPattern("sheepdog daemon \\(version .*\\) started");
  }

  /** By that other daemons tell whether it has ended: each start has another one. */
  @Test
  void aMemberTellsItsIncarnation() throws Exception {
    run("sheep -c local @/s").orFail();
    long first = incarnation();
    long pid = pidOf("s");
    run("kill -KILL " + pid).orFail();
    awaitEnd(pid);
    run("sheep -c local @/s").orFail();

    assertThat(first).isNotZero();
    assertThat(incarnation()).isNotZero().isNotEqualTo(first);
  }

  private long incarnation() throws ClientException {
    Request question = Request.of(Opcode.NODE_STATUS, RequestFlags.NONE, 4096, RawBody.EMPTY);
    try (ToolConnection sheep =
        ToolConnection.open(Endpoint.unix(directory.resolve("s/sock")), ToolOptions.DEFAULTS)) {
      Reply reply = sheep.call(question, Unpooled.EMPTY_BUFFER);
      reply.release();
      return ((PeerReply) reply.header().body()).incarnation();
    }
  }

  @Test
  void terminationLeavesTheClusterAndCleansUp() throws IOException {
    run("sheep -c local @/s -P @/pid").orFail();
    long pid = pidOf("s");

    run("kill " + pid).orFail();
    awaitEnd(pid);

    assertThat(directory.resolve("pid")).doesNotExist();
    assertThat(directory.resolve("s/sock")).doesNotExist();
    assertThat(log("s")).contains("event=LOCAL_LEFT").endsWith("event=SHUTDOWN shutdown\n");
    run("sheep -c local @/s").orFail();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void inTheForegroundASignalEndsItWithCodeZero(String signal) {
    Outcome outcome =
        run(
            "env --default-signal=INT sheep -f -c local @/s >@/out 2>@/err & pid=$!; for i in $(seq 600); do grep -qs started @/s/sheep.log"
                + " && break; sleep 0.1; done; kill -"
                + signal
                + " $pid; wait $pid");

    assertThat(outcome.exitCode()).isZero();
    assertThat(directory.resolve("out")).hasContent(WAITS);
    assertThat(directory.resolve("err")).isEmptyFile();
  }

  @Test
  void hangUpStartsANewLog() throws IOException {
    run("sheep -c local @/s").orFail();

    run("kill -HUP " + pidOf("s")).orFail();

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(run("ls @/s").lines()).anyMatch(name -> name.startsWith("sheep.log.2")));
    run("collie cluster format --copies=1").orFail();
    Awaitility.await().untilAsserted(() -> assertThat(log("s")).contains("op=MAKE_FS"));
  }

  @Test
  void aTakenPortIsSaidAndNothingIsChanged() {
    run("sheep -c local @/a").orFail();

    Outcome second = run("sheep -c local @/b").mustFail();

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.stderr())
        .isEqualTo(
            "sheep: port 7000 is already in use on all addresses; another sheep? choose another port with -p\n");
    assertThat(directory.resolve("b")).doesNotExist();
  }

  @Test
  void aStoreInUseIsSaid() {
    run("sheep -c local @/a").orFail();

    Outcome second = run("sheep -c local -p 7001 @/a").mustFail();

    assertThat(second.stderr()).contains("another sheep daemon is using " + directory.resolve("a"));
  }

  @Test
  void aPathThatHoldsSomethingElseIsRefusedAndLeftAlone() throws IOException {
    Files.createDirectory(directory.resolve("home"));
    Files.writeString(directory.resolve("home/letter"), "dear");

    Outcome outcome = run("sheep -c local @/home").mustFail();

    assertThat(outcome.stderr()).contains("holds letter, which is not a sheepdog store");
    assertThat(run("ls -A @/home").stdout()).isEqualTo("letter\n");
  }

  @Test
  void aPathThatIsNoDirectoryIsRefused() throws IOException {
    Files.writeString(directory.resolve("file"), "x");

    assertThat(run("sheep -c local @/file").mustFail().stderr()).contains("is not a directory");
    assertThat(run("sheep -c local @/no/such/parent").mustFail().stderr()).contains("no/such");
  }

  @Test
  void withoutALocalClusterItSaysWhatToUse() {
    Outcome outcome = run("sheep @/s").mustFail();

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.stderr())
        .contains("corosync")
        .contains("/usr/sbin/corosync")
        .contains("-c local");
    assertThat(directory.resolve("s")).doesNotExist();
  }

  @Test
  void mistakesOnTheCommandLineAreSaidWithAHint() {
    Outcome outcome = run("sheep --prot 7001 @/s").mustFail();

    assertThat(outcome.stderr())
        .isEqualTo(
            "sheep: unknown option '--prot'; did you mean '--port'?\nTry 'sheep --help' for more information.\n");
    assertThat(outcome.stdout()).isEmpty();
  }

  @Test
  void threeNodesFormOneClusterAndWaitForEachOtherAfterAShutdown() throws IOException {
    for (int node = 0; node < 3; node++) {
      String start = "sheep -c local -N off -p 700%d @/s%d".formatted(node, node);
      assertThat(run(start).orFail().stderr()).isEmpty();
    }
    run("collie cluster format --copies=3").orFail();
    assertThat(run("collie node list").orFail().stdout())
        .contains("7000")
        .contains("7001")
        .contains("7002");
    List<Long> pids = List.of(pidOf("s0"), pidOf("s1"), pidOf("s2"));
    run("collie cluster shutdown").orFail();
    pids.forEach(this::awaitEnd);

    Outcome first = run("sheep -c local -N off -p 7000 @/s0").orFail();
    run("sheep -c local -N off -p 7002 @/s2").orFail();
    Outcome last = run("sheep -c local -N off -p 7001 @/s1").orFail();

    assertThat(first.stdout())
        .isEqualTo("sheep: waiting for 2 members of epoch 1: 127.0.0.1:7001, 127.0.0.1:7002\n");
    assertThat(last.stdout()).isEmpty();
    assertThat(run("collie cluster info").orFail().stdout()).contains("running");
  }

  @Test
  void aKilledNodeEndsAndTheOthersGoOn() throws IOException {
    for (int node = 0; node < 2; node++) {
      run("sheep -c local -p 700%d @/s%d".formatted(node, node)).orFail();
    }
    run("collie cluster format --copies=1").orFail();
    long pid = pidOf("s1");

    run("kill -9 " + pid).orFail();
    awaitEnd(pid);

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(log("s0")).contains("event=EPOCH epoch=2"));
  }
}
