package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.payload.RecoveryStatePayload;
import io.sheepdog.protocol.payload.RecoveryStatePayload.Phase;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code node recovery} and {@code cluster recover}, byte for byte. */
@Timeout(60)
final class RecoveryCommandsTest {
  private static final RecoveryStatePayload IDLE =
      new RecoveryStatePayload(false, false, Phase.PREPARE_LIST, 0, 0);

  private final FakeWorld world = new FakeWorld();
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result dog(String command) {
    return Tool.dog().at(daemon).run(command);
  }

  private void twoNodesOfWhichTheFirstRecovers() {
    world.node("127.0.0.1:" + daemon.port(), 7).node("127.0.0.1:" + daemon.port(), 8);
    world.recovery.add(new RecoveryStatePayload(true, false, Phase.RECOVERING, 255, 1000));
    world.recovery.add(IDLE);
  }

  @Test
  void nodesThatRecoverAreShownWithTheirProgress() {
    twoNodesOfWhichTheFirstRecovers();
    String address = "127.0.0.1:" + daemon.port();

    Result result = dog("node recovery");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .isEqualTo(
            "Nodes In Recovery:\n"
                + "  Id   Host:Port         V-Nodes       Zone       Progress\n"
                + "   0   "
                + address
                + " ".repeat(20 - address.length())
                + "  128          7       25.5%\n");
  }

  @Test
  void rawIsOneLineForEachThatRecovers() {
    twoNodesOfWhichTheFirstRecovers();

    assertThat(dog("node recovery info -r").out())
        .isEqualTo("0 127.0.0.1:" + daemon.port() + " 128 7 255 1000\n");
  }

  @Test
  void jsonSaysWhatRemains() {
    twoNodesOfWhichTheFirstRecovers();

    assertThat(Tool.collie().at(daemon).run("node recovery -o json").out().replaceAll("\\s+", ""))
        .isEqualTo(
            "[{\"host\":\"127.0.0.1\",\"port\":"
                + daemon.port()
                + ",\"phase\":\"recovering\",\"finished\":255,\"remaining\":745,\"total\":1000,"
                + "\"held_back\":false}]");
  }

  @Test
  void twoLinesMeanThatNobodyRecovers() {
    world.node("127.0.0.1:" + daemon.port(), 0);
    world.recovery.add(IDLE);

    assertThat(dog("node recovery").out().lines()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 0"})
  void aNodeThatDoesNotAnswerIsNamed(Profile profile, int code) {
    world.node("127.0.0.1:1", 0).node("127.0.0.1:" + daemon.port(), 1);
    world.recovery.add(IDLE);

    Result result = Tool.of(profile).at(daemon).run("node recovery");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).startsWith("127.0.0.1:1: failed to connect to 127.0.0.1:1");
    assertThat(result.out().lines()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 2"})
  void withoutAnyAnswerNothingIsSaidToBeRecovered(Profile profile, int code) {
    world.node("127.0.0.1:" + daemon.port(), 0);
    world.failures.put(Opcode.STAT_RECOVERY, ResultCode.WAIT_FOR_FORMAT);

    Result result = Tool.of(profile).at(daemon).run("node recovery");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("Cannot get recovery state from any nodes: ");
  }

  @Test
  void whyANodeHoldsBackIsSaidBesideTheTable() {
    world.node("127.0.0.1:" + daemon.port(), 0);
    world.recovery.add(new RecoveryStatePayload(true, true, Phase.RECOVERING, 255, 1000));

    Result result = Tool.dog().at(daemon).run("node recovery");

    assertThat(result.code()).isZero();
    assertThat(result.out().lines()).hasSize(3);
    assertThat(result.err()).contains("holds back: its disk is too full").contains("delete images");
    assertThat(Tool.dog().at(daemon).run("node recovery -o json").out().replaceAll("\\s+", ""))
        .contains("\"held_back\":true");
  }

  @Test
  void aNodeIsFollowedUntilItHasEverything() {
    world.recovery.add(new RecoveryStatePayload(true, false, Phase.PREPARE_LIST, 0, 0));
    world.recovery.add(new RecoveryStatePayload(true, false, Phase.RECOVERING, 3, 4));
    world.recovery.add(new RecoveryStatePayload(false, false, Phase.RECOVERING, 4, 4));

    Result result = dog("node recovery -P");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            "  0.0 % [%s] 0 / 0%n 75.0 % [%s] 3 / 4%n100.0 % [%s] 4 / 4%n"
                .replace("%n", "\n")
                .replace(" % ", " %% ")
                .formatted(" ".repeat(40), "=".repeat(30) + " ".repeat(10), "=".repeat(40)));
  }

  @Test
  void collieSaysHowMuchTimeIsLeft() {
    world.recovery.add(new RecoveryStatePayload(true, false, Phase.RECOVERING, 1, 4));
    world.recovery.add(new RecoveryStatePayload(true, false, Phase.RECOVERING, 3, 4));
    world.recovery.add(new RecoveryStatePayload(false, false, Phase.RECOVERING, 4, 4));

    Result result = Tool.collie().at(daemon).run("node recovery -P");

    // two objects took a second or more
    assertThat(result.out().lines().map(line -> line.substring(51).strip()))
        .element(1, as(STRING))
        .matches("3 / 4 +\\d+:\\d\\d left");
    assertThat(result.out().lines().map(String::strip))
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).endsWith("1 / 4");
              assertThat(lines.get(2)).endsWith("4 / 4");
            });
  }

  @Test
  void theThrottleIsSetAndShown() {
    Result set = dog("node recovery set-throttle 4294967295 9223372036854775807");

    assertThat(set).extracting(Result::code, Result::out, Result::err).containsExactly(0, "", "");
    assertThat(world.throttle).isEqualTo(new RecoveryThrottle(-1, Long.MAX_VALUE, true));
    assertThat(dog("node recovery get-throttle").out())
        .isEqualTo("max (4294967295), interval (9223372036854775807)\n");
    assertThat(dog("node recovery set-throttle 0 0").code()).isZero();
    assertThat(world.throttle).isEqualTo(new RecoveryThrottle(0, 0, false));
    assertThat(dog("node recovery get-throttle -o json").out().replaceAll("\\s+", ""))
        .isEqualTo("{\"max\":0,\"interval_ms\":0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-- 0 -1 | Invalid interval (-1)",
        "-- -1 0 | Invalid max (-1)",
        "x 1 | Invalid max (x)",
        "1 1s | Invalid interval (1s)",
        "4294967296 1 | Invalid max (4294967296)",
        "1 9223372036854775808 | Invalid interval (9223372036854775808)",
        "0 1 | Invalid interval max (0), interval (1)",
        "1 0 | Invalid interval max (1), interval (0)",
        "1 | Invalid arguments 'set-throttle 1'",
      })
  void aThrottleThatMakesNoSenseIsRefused(String words, String message) {
    Result dog = dog("node recovery set-throttle " + words);

    assertThat(dog.code()).isEqualTo(64);
    assertThat(dog.err()).startsWith(message);
    assertThat(Tool.collie().at(daemon).run("node recovery set-throttle " + words).code())
        .isEqualTo(1);
    assertThat(world.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"set-throttle 1 1", "get-throttle"})
  void aNodeThatRefusesEndsDogWith255(String words) {
    world.failures.put(Opcode.SET_RECOVERY, ResultCode.EIO);
    world.failures.put(Opcode.GET_RECOVERY, ResultCode.EIO);

    assertThat(dog("node recovery " + words).code()).isEqualTo(255);
    assertThat(Tool.collie().at(daemon).run("node recovery " + words).code()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"enable, ENABLE_RECOVER", "disable, DISABLE_RECOVER"})
  void recoveryIsSwitched(String word, Opcode opcode) {
    Result result = dog("cluster recover " + word);

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).isEqualTo("Cluster recovery: " + word + "\n");
    assertThat(world.requests(opcode)).hasSize(1);
  }

  @Test
  void aSwitchThatIsRefusedIsSaid() {
    world.failures.put(Opcode.DISABLE_RECOVER, ResultCode.WAIT_FOR_FORMAT);

    Result result = dog("cluster recover disable");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo("failed to execute request: Waiting for cluster to be formatted\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster recover",
        "cluster recover on",
        "node recovery fast",
        "node recovery info now",
        "node recovery get-throttle 1",
        "node recovery get-throttle -P"
      })
  void otherWordsAreRefusedWithTheUsage(String command) {
    Result result = dog(command);

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).isNotEmpty();
    assertThat(result.out()).startsWith("Usage: dog ");
    assertThat(world.requests).isEmpty();
  }
}
