package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code corosync check}, {@code upgrade} and {@code generate}: no daemon is asked. */
@Timeout(60)
final class CorosyncCommandsTest {
  /** One node, which every host is. */
  private static final String GOOD =
      """
      totem {
          version: 2
      }
      quorum {
          provider: corosync_votequorum
      }
      nodelist {
          node {
              nodeid: 1
              ring0_addr: 127.0.0.1
          }
      }
      """;

  private static final String GUIDE =
      """
      compatibility: whitetank

      totem {
          version: 2
          interface {
              ringnumber: 0
              bindnetaddr: 192.50.109.182 # クラスタ環境
              mcastaddr: 226.94.1.1
              mcastport: 5405
          }
      }

      amf {
          mode: disabled
      }
      """;

  @TempDir private Path directory;

  private String file(String text) throws IOException {
    return Files.writeString(directory.resolve("corosync.conf"), text).toString();
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void aGoodFileIsSaidToBeGood(Profile profile) throws IOException {
    String file = file(GOOD);

    Result result = Tool.of(profile).run("corosync", "check", file);

    assertThat(result.code()).isZero();
    assertThat(result.out()).isEqualTo(file + ": no mistakes found\n");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void anErrorHasItsLineItsReasonAndItsRemedyAndEndsWithOne() throws IOException {
    String file = file(GOOD.replace("version: 2", "version: 2\n    token: 3s"));

    Result result = Tool.collie().run("corosync", "check", file);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            file
                + """
                :3: error: 'token: 3s' is not a value that it can have [bad-value]
                    why: it must be a whole number from 30 to 4294967295
                    remedy: correct the value
                1 error, 0 warnings
                """);
  }

  @Test
  void warningsAloneEndWithZero() throws IOException {
    String file = file("compatibility: whitetank\n" + GOOD);

    Result result = Tool.dog().run("corosync", "check", file);

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains(":1: warning: 'compatibility: whitetank' has no effect [obsolete-key]\n")
        .endsWith("0 errors, 1 warning\n");
    assertThat(result.err()).startsWith("'dog corosync upgrade " + file + " --node ADDRESS ...'");
  }

  @Test
  void theGuidesFileHasItsMistakesInTheOrderOfTheFile() throws IOException {
    Result result = Tool.collie().run("corosync", "check", "-r", file(GUIDE));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out().lines().map(line -> line.replaceAll("\t[^\t]*\t[^\t]*\t[^\t]*$", "")))
        .containsExactly(
            "1\twarning\tobsolete-key",
            "6\twarning\tobsolete-key",
            "7\terror\ttrailing-comment",
            "8\terror\tmulticast-transport",
            "13\twarning\tobsolete-section",
            "15\terror\tnodelist-missing",
            "15\twarning\tquorum-missing");
  }

  @Test
  void findingsAreADocumentForPrograms() throws IOException {
    Result result =
        Tool.dog()
            .run("corosync", "check", "-o", "json", file(GOOD.replace("provider", "provder")));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .contains("\"errors\" : 1,", "\"warnings\" : 1,")
        .contains("\"severity\" : \"error\",\n    \"line\" : 5,\n    \"key\" : \"unknown-key\",")
        .contains("\"remedy\" : \"did you mean 'provider'?\"");
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 2"})
  void aFileThatIsNotThereIsNamed(Profile profile, int code) {
    Result result = Tool.of(profile).run("corosync", "check", directory + "/none");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .startsWith("cannot read " + directory + "/none: there is no such file");
    assertThat(result.err().lines()).hasSize(1);
  }

  @Test
  void aHugeFileIsRefused() throws IOException {
    Path huge = directory.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(100L << 20);
    }

    Result result = Tool.collie().run("corosync", "check", huge.toString());

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("more than 1048576 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b=c", "192.168.0.300", "0.0.0.0"})
  void aNodeThatCannotBeIsAWrongArgument(String node) throws IOException {
    Result upgrade = Tool.dog().run("corosync", "upgrade", file(GUIDE), "--node", node);
    Result generate = Tool.dog().run("corosync", "generate", "--node", node);

    assertThat(upgrade.code()).isEqualTo(64);
    assertThat(upgrade.err()).startsWith("Invalid node '" + node + "': ");
    assertThat(generate.code()).isEqualTo(64);
    assertThat(generate.err()).startsWith("Invalid node '" + node + "': ");
  }

  @Test
  void upgradePrintsTheFileAndListsTheChangesBesideIt() throws IOException {
    String file = file(GUIDE);

    Result result =
        Tool.collie()
            .run("corosync", "upgrade", file, "--node", "192.50.109.182", "--node=192.50.109.183");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("    transport: udp\n", "        mcastaddr: 226.94.1.1\n")
        .contains("        nodeid: 2\n        ring0_addr: 192.50.109.183\n")
        .doesNotContain("whitetank", "amf", "#");
    assertThat(result.err())
        .startsWith(file + ":1: dropped 'compatibility: whitetank': ")
        .contains(file + ":7: dropped 'bindnetaddr: 192.50.109.182 # クラスタ環境': ")
        .contains(file + ":13: dropped the section amf (mode: disabled): ")
        .endsWith(file + ": added a nodelist, ids 1 to 2\n");
    assertThat(result.err().lines()).hasSize(7);
  }

  @Test
  void upgradeWithoutNodesSaysWhatIsMissing() throws IOException {
    Result result = Tool.collie().run("corosync", "upgrade", file(GUIDE));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("corosync 3 needs all of them; give --node ADDRESS for each");
  }

  @Test
  void upgradeReplacesAFileAtOnceAndKeepsItsPermissions() throws IOException {
    String file = file(GUIDE);
    Files.setPosixFilePermissions(Path.of(file), PosixFilePermissions.fromString("rw-r-----"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("corosync.conf"));

    Result result =
        Tool.collie().run("corosync", "upgrade", file, "-n", "10.0.0.1", "-w", link.toString());

    assertThat(result.code()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("dropped");
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.readString(Path.of(file))).contains("ring0_addr: 10.0.0.1");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))))
        .isEqualTo("rw-r-----");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(2);
    }
  }

  @Test
  void upgradeIsADocumentForPrograms() throws IOException {
    Result result =
        Tool.collie().run("corosync", "upgrade", "-o", "json", file(GUIDE), "-n", "10.0.0.1");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .contains("\"changes\" : [ {\n    \"line\" : 1,\n    \"what\" : \"dropped ")
        .contains("\"text\" : \"\\ntotem {\\n    version: 2\\n    transport: udp\\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/none/corosync.conf", ""})
  void aFileThatCannotBeWrittenIsNamed(String name) {
    String target = directory + name;

    Result result = Tool.dog().run("corosync", "generate", "-n", "10.0.0.1", "-w", target);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("cannot write " + target + ": it");
  }

  @Test
  void generateWritesAFileThatPassesTheCheck() throws IOException {
    Result result = Tool.collie().run("corosync", "generate", "--node", "a=127.0.0.1");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("cluster_name: sheepdog", "transport: knet", "name: a");
    assertThat(Tool.collie().run("corosync", "check", file(result.out())).out())
        .endsWith(": no mistakes found\n");
  }

  @Test
  void generateSecureSaysHowToMakeTheKey() {
    Result result = Tool.collie().run("corosync", "generate", "-s", "-N", "wool", "-n", "10.0.0.1");

    assertThat(result.out())
        .contains("cluster_name: wool", "crypto_cipher: aes256", "crypto_hash: sha256");
    assertThat(result.err()).contains("corosync-keygen -k /etc/corosync/authkey", "mode 0400");
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 64"})
  void generateNeedsNodes(Profile profile, int code) {
    Result result = Tool.of(profile).run("corosync", "generate");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).startsWith("no node was given");
  }

  @Test
  void theUsageNamesNoDaemon() {
    Result result = Tool.collie().run("corosync upgrade --help");

    assertThat(result.out())
        .startsWith("Usage: collie corosync upgrade ")
        .contains("-n, --node", "-w, --write")
        .doesNotContain("--address", "--port");
    assertThat(new String(result.bytes(), StandardCharsets.UTF_8)).contains("[FILE]\nOptions:\n");
  }
}
