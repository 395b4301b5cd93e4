package io.sheepdog.integration.debian;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What other programs of this machine say of the files in the package. */
@Timeout(120)
final class DebianFilesIT {
  @TempDir private static Path directory;
  private static Path files;
  private static Host host;
  private static Shell shell;

  @BeforeAll
  static void unpack() {
    files = Package.unpack(directory);
    host = Host.isolated();
    shell = new Shell(host, List.of());
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @ParameterizedTest
  @CsvSource({
    "man8/collie.8.gz, corosync check [options]",
    "man1/dog.1.gz, --snapshot TAG",
    "man8/sheep.8.gz, --cluster DRIVER"
  })
  void aManualPageRendersWithoutWarningsAndShowsWhatTheProgramKnows(String page, String contents) {
    Path path = files.resolve("usr/share/man").resolve(page);
    String man = "LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l ";

    Outcome checked = shell.run(man + "-Tutf8 -Z " + path + " >/dev/null").orFail();
    String rendered = shell.run(man + path + " | col -bx").orFail().stdout();

    assertThat(checked.stderr()).isEmpty();
    assertThat(rendered.replaceAll("\\s+", " ")).contains("NAME", "SYNOPSIS", "SEE ALSO", contents);
  }

  @Test
  void systemdFindsNothingWrongWithTheUnitOfAStore() {
    // the package's files over those of this machine, for the eyes of this one command
    Outcome outcome =
        shell.run(
            "unshare --mount sh -ec '"
                + "mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr; ".formatted(files)
                + "exec systemd-analyze verify --man=no \"$(systemd-escape --path"
                + " --template=sheep@.service \"/srv/my store\")\"'");

    assertThat(outcome.orFail().stdout() + outcome.stderr()).isEmpty();
  }
}
