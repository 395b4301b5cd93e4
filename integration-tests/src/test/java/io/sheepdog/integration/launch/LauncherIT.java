package io.sheepdog.integration.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code bin/sheep}, {@code bin/collie} and {@code bin/dog} on every JDK of this machine. */
@Timeout(120)
final class LauncherIT {

  private static Host host;
  private static Shell shell;

  @TempDir private Path directory;

  @BeforeAll
  static void openHost() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin()));
  }

  @AfterAll
  static void closeHost() {
    host.close();
  }

  static List<Jdk> jdks() {
    return Jdk.installed();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void usageGoesToStandardOutputAndNothingToStandardError(Jdk jdk) {
    for (String command : List.of("sheep -h", "collie", "dog")) {
      Outcome outcome = shell.run(jdk.with(command)).orFail();

      assertThat(outcome.stdout()).as(command).isNotBlank();
      assertThat(outcome.stderr()).as(command).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void aDaemonStartedInTheBackgroundIsFoundByWhatWasTyped(Jdk jdk) {
    Path store = directory.resolve("store_dir");

    Outcome start = shell.run(jdk.with("sheep %s -c local:%s".formatted(store, jdk))).orFail();
    // exec: a shell that waits for pgrep would be found too
    String pid = shell.run("exec pgrep -f 'sheep %s'".formatted(store)).orFail().stdout().strip();

    assertThat(start.stderr()).isEmpty();
    assertThat(shell.run("cat /proc/" + pid + "/comm").stdout()).isEqualTo("sheep\n");
    assertThat(shell.run("readlink /proc/" + pid + "/exe").stdout()).contains(jdk.toString());
    shell.run("kill %s && while kill -0 %s; do sleep 0.1; done 2>&1".formatted(pid, pid)).orFail();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void theOperatorsJvmOptionsWinOverTheLaunchers(Jdk jdk) {
    Outcome outcome =
        shell.run(jdk.with("SHEEP_JAVA_OPTS='-Xmx100m -XX:+PrintFlagsFinal' sheep -h")).orFail();

    assertThat(outcome.stdout()).containsPattern("MaxHeapSize +:?= 104857600");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void whatAJvmThatCannotStartSaysIsNotLost(Jdk jdk) {
    Outcome outcome =
        shell.run(jdk.with("SHEEP_JAVA_OPTS=-Xmx1k sheep -c local " + directory)).mustFail();

    assertThat(outcome.stderr())
        .contains("Error occurred during initialization of VM")
        .contains("sheep: the daemon ended before it was ready");
  }

  @Test
  void aJavaHomeWithoutJavaIsNamed() {
    Outcome outcome = shell.run("JAVA_HOME=/nowhere collie").mustFail();

    assertThat(outcome.stderr())
        .startsWith("collie: JAVA_HOME is /nowhere, but /nowhere/bin/java cannot be run");
  }

  @Test
  void aJavaThatIsTooOldIsRefused() throws IOException {
    Path java = Files.createDirectories(directory.resolve("bin")).resolve("java");
    Files.createFile(
        java, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(directory.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");

    Outcome outcome = shell.run("JAVA_HOME=" + directory + " sheep -h").mustFail();

    assertThat(outcome.stderr()).contains("is version 11.0.2, but 17 or newer is needed");
  }
}
