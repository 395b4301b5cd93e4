package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words, options and exit codes: section 1 of both specifications. */
@Timeout(60)
final class GrammarTest {
  private final FakeWorld world =
      new FakeWorld()
          .node("127.0.0.1:7000", 0)
          .epoch(1, FakeVdis.GUIDE_TIME, FakeVdis.GUIDE_TIME, 1);
  private FakeDaemon daemon;

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "-h", "help", "vdi", "node --help"})
  void collieWithoutACommandShowsItsUsage(String words) {
    Result result = Tool.collie().run(words);

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("Usage: collie <command> <subcommand> [options]");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    Result result = Tool.dog().run("--version");

    assertThat(result.code()).isZero();
    assertThat(result.out()).matches("Sheepdog administrator utility version [0-9][^$]*\n");
  }

  @Test
  void theOverviewHasALinePerCommandThatGeneratorsCanParse() {
    Result result = Tool.dog().run("");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("\n  vdi list                list the images\n")
        .contains("\n  node info               show capacity and use of each node\n");
  }

  @Test
  void dogWithOneWordListsItsSubcommandsAsAnError() {
    Result result = Tool.dog().run("vdi");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("vdi create").contains("vdi list");
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 64"})
  void anUnknownCommandIsNamed(Profile profile, int code) {
    Result result = Tool.of(profile).run("volume list");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .isEqualTo(
            "Invalid command 'volume'\nTry '"
                + profile.command()
                + " --help' for more information.\n");
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 64"})
  void anUnknownSubcommandIsNamedAndTheKnownOnesListed(Profile profile, int code) {
    Result result = Tool.of(profile).run("vm start Alice");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err())
        .isEqualTo(
            """
            Invalid command 'vm start'
            Available vm commands:
              vm list                 list the images and whether a VM runs on them
            """);
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 64"})
  void anUnknownOptionIsNamed(Profile profile, int code) {
    Result word = Tool.of(profile).at(daemon).run("vdi list --frobnicate");
    Result letter = Tool.of(profile).at(daemon).run("vdi list -x");

    assertThat(word.code()).isEqualTo(code);
    assertThat(word.out()).isEmpty();
    assertThat(word.err())
        .startsWith(profile.command() + ": unrecognized option '--frobnicate'\nTry '");
    assertThat(letter.code()).isEqualTo(code);
    assertThat(letter.err()).startsWith(profile.command() + ": invalid option -- 'x'\nTry '");
  }

  @Test
  void collieQuotesTheTwoWordsThatNeedAThird() {
    Result result = Tool.collie().at(daemon).run("vdi delete");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("'vdi delete' needs a third argument: NAME\n");
  }

  @Test
  void dogShowsTheUsageWhenAnArgumentIsMissing() {
    Result result = Tool.dog().at(daemon).run("vdi create Alice");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.out())
        .startsWith("Usage: dog vdi create ")
        .contains(" NAME SIZE\nOptions:\n");
    assertThat(result.err()).isEqualTo("Missing argument SIZE\n");
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void helpAfterTheWordsShowsTheOptionsInTheLayoutOfGenerators(Profile profile) {
    Result result = Tool.of(profile).run("vdi object --help");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith("Usage: " + profile.command() + " vdi object [{location|map|dump-inode}] [")
        .contains("\n  location                show which nodes have an object\n")
        .contains("\n  -s, --snapshot          a snapshot");
    long options =
        result
            .out()
            .lines()
            .filter(Pattern.compile("^  (-.), (--\\S+) +\\S").asPredicate())
            .count();
    assertThat(options).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "node list -p PORT -r",
        "node list -rpPORT",
        "node list --port=PORT --raw",
        "node list --po PORT --ra",
        "node list --raw -p 1 -p PORT",
        "node list -r -p PORT --"
      })
  void optionsAreReadAsGetoptDoes(String command) {
    Result result = Tool.dog().run(command.replace("PORT", Integer.toString(daemon.port())));

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).isEqualTo("0 127.0.0.1:7000 128 0\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void argumentsAndOptionsMayBeMixed() {
    world.vdis.add(FakeVdis.header("-odd", 5, 1 << 22));

    Result before = Tool.dog().at(daemon).run("vdi", "list", "-r", "--", "-odd");
    Result after = Tool.dog().at(daemon).run("vdi", "list", "nobody", "-r");

    assertThat(before.out()).startsWith("= -odd 0 4194304 ");
    assertThat(after.out()).isEmpty();
  }

  @Test
  void anAmbiguousAbbreviationIsRefused() {
    Result result = Tool.dog().at(daemon).run("cluster format --st");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).contains("--st");
    assertThat(world.requests(Opcode.MAKE_FS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 64"})
  void anArgumentTooManyIsRefused(Profile profile, int code) {
    world.vdis.add(FakeVdis.header("Alice", 5, 1 << 22));

    Result result = Tool.of(profile).at(daemon).run("vdi delete Alice Bob");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).contains("unexpected argument 'Bob'");
    assertThat(world.requests(Opcode.DEL_VDI)).isEmpty();
  }

  @Test
  void aFileNameAfterAnAtSignIsNotRead() throws IOException {
    Path file = Files.writeString(directory.resolve("words"), "--raw");

    Result result = Tool.dog().at(daemon).run("vdi", "list", "@" + file);

    assertThat(result.code()).isZero();
    assertThat(result.out()).startsWith("  Name        Id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "http", ""})
  void anInvalidPortIsRefused(String port) {
    Result option = Tool.dog().run("node", "list", "-p", port);
    Result variable = Tool.dog().with("SHEEPDOG_DOG_PORT", port).run("node", "list");

    assertThat(option.code()).isEqualTo(64);
    assertThat(option.err()).startsWith("Invalid port number '" + port + "'");
    assertThat(variable.code()).isEqualTo(64);
    assertThat(Tool.collie().run("node", "list", "-p", port).code()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "COLLIE, '127.0.0.1:1, Connection refused', 1",
    "DOG, '127.0.0.1:1: Connection refused', 2"
  })
  void aDaemonThatDoesNotAnswerIsNamed(Profile profile, String reason, int code) {
    Result result = Tool.of(profile).with("SHEEPDOG_DOG_PORT", "1").run("vdi list");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("failed to connect to " + reason + "\n");
  }

  @Test
  void anUnknownHostIsNamed() {
    Result result = Tool.dog().run("node list -a no-such-host.invalid");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("Invalid address 'no-such-host.invalid': ");
  }

  @Test
  void anInvalidOutputFormatIsRefused() {
    Result result = Tool.collie().at(daemon).run("node list -o xml");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("Invalid output format 'xml'");
  }

  @Test
  void theTimeThatACommandTookFollowsItsOutput() {
    Result result = Tool.dog().at(daemon).run("node list -r -T");

    assertThat(result.out())
        .matches("0 127.0.0.1:7000 128 0\n\nElapsed time: \\d+\\.\\d{3} seconds\n");
  }

  @Test
  void whatWasTypedIsLoggedWhenTheEnvironmentAsksForIt() throws IOException {
    Path log = directory.resolve("log");

    Tool.dog()
        .at(daemon)
        .with("SHEEPDOG_DOG_LOG", "1")
        .with("SHEEPDOG_DOG_LOG_PATH", log.toString())
        .run("node list -r");

    assertThat(Files.readString(log))
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d: dog node list -r\n");
  }

  @Test
  void aDamagedAnswerIsOneLine() {
    world.vdis.add(FakeVdis.header("Alice", 5, 1 << 22));
    world.failures.put(Opcode.READ_OBJ, ResultCode.SUCCESS);

    Result result = Tool.collie().at(daemon).run("vdi tree");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("0 bytes came instead of 4664");
  }
}
