package io.sheepdog.integration.debian;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.process.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the package installs works where it is installed. */
@Timeout(180)
final class DebianInstallIT {
  @TempDir private static Path directory;
  private static DebianHost host;
  private static Outcome installed;

  @BeforeAll
  @Timeout(900)
  static void install() {
    host = DebianHost.in(directory);
    installed = host.install(Package.file()).orFail();
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @Test
  void installingComplainsOfNothingAndEveryFileIsAsPacked() {
    assertThat(installed.stderr()).isEmpty();
    assertThat(host.run("dpkg --verify sheepdog").orFail().stdout()).isEmpty();
  }

  @Test
  void theProgramsAreFoundUnderAllTheirNames() {
    for (String program : List.of("/usr/sbin/collie", "/usr/bin/collie", "/usr/bin/dog")) {
      Outcome outcome = host.run(program + " --version").orFail();

      assertThat(outcome.stdout()).as(program).startsWith("Sheepdog administrator utility version");
      assertThat(outcome.stderr()).as(program).isEmpty();
    }
    assertThat(host.run("/usr/sbin/sheep --version").orFail().stdout())
        .startsWith("Sheepdog daemon version ");
    assertThat(host.run("dog vdi").exitCode()).isEqualTo(64);
  }

  @Test
  void everyUserStartsThemFromTheArchivesMadeAtInstall() {
    // nobody has no home where another could be made
    Outcome tool =
        host.runAs("nobody", "COLLIE_JAVA_OPTS=-Xlog:class+load:stdout collie --version").orFail();
    Outcome daemon =
        host.runAs("nobody", "SHEEP_JAVA_OPTS=-Xlog:class+load:stdout sheep --version").orFail();

    assertThat(tool.stdout()).contains("io.sheepdog.cli.Collie source: shared objects file");
    assertThat(daemon.stdout()).contains("io.sheepdog.daemon.Sheep source: shared objects file");
    assertThat(tool.stderr() + daemon.stderr()).isEmpty();
  }

  @Test
  void aNodeStartedAsInTheGuideStoresAnImage() {
    Outcome start = host.run("sheep -c local:guide -y 127.0.0.1 /store/guide").orFail();

    assertThat(start.stdout()).contains("waiting for cluster format");
    assertThat(host.run("collie node list").orFail().stdout()).contains("127.0.0.1:7000");
    host.run("collie cluster format --copies=1 && collie vdi create Alice 64M").orFail();
    host.run("head -c 5000000 /dev/urandom >/root/data && collie vdi write Alice </root/data")
        .orFail();
    host.run("cmp /root/data <(collie vdi read Alice 0 5000000)").orFail();
    host.run("collie cluster shutdown").orFail();
  }

  @Test
  void systemdIsToldWhenTheNodeIsReadyAndWhenItEnds() {
    host.listenAsSystemd("/run/notify", "/run/told");

    Outcome outcome =
        host.run(
            """
            export NOTIFY_SOCKET=/run/notify
            sheep -f -c local:told -y 127.0.0.1 -p 7100 /store/told &
            until grep -qs READY=1 /run/told; do sleep 0.1; done
            unset NOTIFY_SOCKET
            collie node list -p 7100 || exit
            grep -qx MAINPID=$! /run/told || exit
            kill $!
            wait $! || exit
            until grep -q STOPPING=1 /run/told; do sleep 0.1; done
            """);

    assertThat(outcome.orFail().stdout()).contains("127.0.0.1:7100");
  }

  @Test
  void aUserWhomTheUidgidFileNamesRunsANodeAndCorosyncTakesTheFile() {
    host.run("install -d -o sheepdog -g sheepdog /store/own").orFail();

    host.runAs("sheepdog", "sheep -c local:own -y 127.0.0.1 -p 7200 /store/own/0").orFail();
    Outcome stopped = host.runAs("sheepdog", "collie cluster shutdown -p 7200").orFail();

    assertThat(stopped.stderr()).isEmpty();
    host.run("corosync -t").orFail();
  }

  @Test
  void completionKnowsCommandsWordsAndOptions() {
    assertThat(completion("collie ''")).contains("cluster", "node", "vdi", "vm");
    assertThat(completion("dog vdi ''")).contains("list", "snapshot", "delete");
    assertThat(completion("collie cluster format --c")).contains("--copies");
    assertThat(
            host.run(". /usr/share/bash-completion/completions/sheep; complete -p sheep").stdout())
        .contains("--cluster", "--pidfile");
  }

  /** What bash offers for the last of the words. */
  private static List<String> completion(String words) {
    return host
        .run(
            """
            set -- %s
            . /usr/share/bash-completion/completions/$1
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
            _complete_$1
            printf '%%s\\n' "${COMPREPLY[@]}"
            """
                .formatted(words))
        .orFail()
        .lines()
        .stream()
        .map(String::strip)
        .toList();
  }
}
