package io.sheepdog.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands with mistakes, against a cluster that works. */
@Timeout(120)
final class BadInputIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);
  private static final Unharmed UNHARMED = new Unharmed(CLUSTER);

  @BeforeAll
  static void createImages() {
    CLUSTER.shell().run("collie vdi create Alice 64M").orFail();
    CLUSTER.shell().run("echo precious | collie vdi write Alice 0 9").orFail();
    CLUSTER.shell().run("collie vdi create Locked 64M").orFail();
    CLUSTER.shell().run("collie vdi lock Locked").orFail();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete Nobody",
        "read Nobody",
        "write Nobody 0 1 </etc/hostname",
        "lock Nobody",
        "release Nobody",
        "delete -s nosuchtag Alice"
      })
  void anUnknownImageIsNamed(String command) throws IOException {
    Outcome outcome = UNHARMED.refuses("collie vdi " + command);

    assertThat(outcome.stderr()).containsAnyOf("Nobody", "nosuchtag", "Alice");
  }

  /** In the words and at the place of 2010. */
  @Test
  void whereAnUnknownImageIsCannotBeShown() throws IOException {
    assertThat(CLUSTER.shell().run("collie vdi object Nobody").mustFail().stdout())
        .isEqualTo("No such vdi\n");
    UNHARMED.stillServes();
  }

  @Test
  void anImageThatExistsIsNotCreatedAgain() throws IOException {
    assertThat(UNHARMED.refuses("collie vdi create Alice 1G").stderr())
        .contains("Alice")
        .containsIgnoringCase("exist");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 512",
    "-1, -1",
    "-5G, -5G",
    "12Q, 12Q",
    "many, many",
    "5T, too large",
    "99999999999999999999, 99999999999999999999",
    "9223372036854775807, too large",
    "'', size"
  })
  void anImpossibleSizeIsRefused(String size, String said) throws IOException {
    Outcome outcome = UNHARMED.refuses("collie vdi create Bob -- '" + size + "'");

    assertThat(outcome.stderr()).contains(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 32", "-c -1", "-c x", "-z 19", "-z 32", "--copise 2"})
  void anImpossibleOptionIsRefused(String option) throws IOException {
    UNHARMED.refuses("collie vdi create " + option + " Bob 64M");
  }

  @ParameterizedTest
  @ValueSource(strings = {"collie vid list", "collie vdi lits", "dog cluster", "dog x y"})
  void anUnknownCommandIsRefused(String command) throws IOException {
    UNHARMED.refuses(command);
  }

  @Test
  void aNameThatIsTooLongIsRefused() throws IOException {
    assertThat(UNHARMED.refuses("collie vdi create " + "x".repeat(256) + " 64M").stderr())
        .contains("255");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock Locked", "write Locked 0 4 </etc/hostname", "delete Locked"})
  void aLockedImageIsLeftAlone(String command) throws IOException {
    Outcome outcome = UNHARMED.refuses("collie vdi " + command);

    assertThat(outcome.stderr()).contains("VDI is already locked");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read Alice 65M 1",
        "read Alice 0 -1",
        "write Alice 65M 1 </etc/hostname",
        "write Alice x 1 </etc/hostname"
      })
  void aRangeOutsideOfTheImageIsRefused(String command) throws IOException {
    UNHARMED.refuses("collie vdi " + command);
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException {
    assertThat(UNHARMED.refuses("collie vdi list -p 7049").stderr()).contains("7049");
    UNHARMED.refuses("collie vdi list -a no.such.host");
    UNHARMED.refuses("collie vdi list -p 70000");
  }

  @Test
  void moreCopiesThanZonesAreWarnedOfAndWork() throws IOException {
    Outcome created = CLUSTER.shell().run("collie vdi create -c 3 Three 64M").orFail();

    assertThat(created.stderr()).containsIgnoringCase("zone");
    CLUSTER.shell().run("echo abc | collie vdi write Three 0 4").orFail();
    assertThat(CLUSTER.shell().run("collie vdi read Three 0 4").orFail().stdout())
        .isEqualTo("abc\n");
    CLUSTER.shell().run("collie vdi delete Three").orFail();
    UNHARMED.stillServes();
  }

  @Test
  void whatWasWrittenBeforeIsStillThere() {
    assertThat(CLUSTER.shell().run("collie vdi read Alice 0 9").orFail().stdout())
        .isEqualTo("precious\n");
  }
}
