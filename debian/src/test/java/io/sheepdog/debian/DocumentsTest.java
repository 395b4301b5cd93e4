package io.sheepdog.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.cli.CommandModel;
import io.sheepdog.cli.Profile;
import io.sheepdog.daemon.options.HelpText;
import io.sheepdog.daemon.options.OptionHelp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The manual pages and completions hold what the programs know. */
@Timeout(60)
final class DocumentsTest {
  private static final Path TEMPLATES = Path.of("src/main/man");

  @TempDir private Path results;

  private void write(Path templates) throws IOException {
    Documents.main(new String[] {templates.toString(), results.toString(), "1.2.3"});
  }

  private String page(String name) throws IOException {
    return Files.readString(results.resolve("man").resolve(name));
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void thePageOfAToolDescribesEveryCommandWithEveryOption(Profile profile) throws IOException {
    write(TEMPLATES);

    String page = page(profile == Profile.DOG ? "dog.1" : "collie.8");
    CommandModel.of(profile)
        .subcommands()
        .forEach(
            (group, commands) ->
                commands
                    .getSubcommands()
                    .forEach(
                        (name, command) -> {
                          assertThat(page)
                              .contains("\\fB" + group + " " + Roff.escape(name) + "\\fR");
                          command
                              .getCommandSpec()
                              .options()
                              .forEach(
                                  option ->
                                      assertThat(page).contains(Roff.escape(option.longestName())));
                        }));
    assertThat(page).contains("Sheepdog 1.2.3").doesNotContainPattern("@[A-Z ]+@");
  }

  @Test
  void thePageOfTheDaemonDescribesEveryOption() throws IOException {
    write(TEMPLATES);

    for (OptionHelp option : HelpText.options()) {
      assertThat(page("sheep.8")).contains(Roff.escape("--" + option.longName()));
    }
  }

  @Test
  void completionsAreThereForEveryProgramAndCannotBeTakenForPrograms() throws IOException {
    write(TEMPLATES);

    for (String program : new String[] {"collie", "dog", "sheep"}) {
      assertThat(Files.readString(results.resolve("completions").resolve(program)))
          .doesNotStartWith("#!")
          .containsPattern("(?m)^ *complete .*\\b" + program + "\\b");
    }
  }

  @Test
  void aTemplateWithoutAPlaceForTheCommandsIsRefused(@TempDir Path templates) throws IOException {
    for (String name : new String[] {"collie.8", "dog.1", "sheep.8"}) {
      String text = Files.readString(TEMPLATES.resolve(name));
      Files.writeString(templates.resolve(name), text.replace("@COMMANDS@", ""));
    }

    assertThatThrownBy(() -> write(templates))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no @COMMANDS@");
  }

  @Test
  void textIsNeverTakenForARequestOfTroff() {
    String page = new Roff().paragraph(".so /etc/shadow").paragraph("'x \\n").toString();

    assertThat(page).isEqualTo(".PP\n\\&.so /etc/shadow\n.PP\n\\(aqx \\en\n");
  }
}
