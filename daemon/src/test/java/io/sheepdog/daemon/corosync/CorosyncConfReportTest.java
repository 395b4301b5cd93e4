package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.corosyncconf.host.LocalHost;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class CorosyncConfReportTest {
  private static final String GOOD =
      """
      totem {
        version: 2
        cluster_name: sheepdog
        transport: udp
        interface {
          mcastaddr: 226.94.1.1
          mcastport: 5405
        }
      }
      nodelist {
        node {
          ring0_addr: 198.18.0.11
          nodeid: 1
        }
      }
      quorum {
        provider: corosync_votequorum
      }
      """;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("corosync.conf");
  }

  private List<String> reportOn(String text) throws IOException {
    Files.writeString(file, text);
    return CorosyncConfReport.of(file, new Host());
  }

  @Test
  void aGoodFileIsCalledGood() throws IOException {
    assertThat(reportOn(GOOD)).containsExactly(file + ": no mistakes found");
  }

  @Test
  void aMistakeIsToldWithItsLineReasonAndRemedy() throws IOException {
    List<String> lines =
        reportOn(GOOD.replace("mcastaddr: 226.94.1.1", "mcastaddr: 226.94.1.1 # the group"));
    assertThat(lines)
        .hasSize(1)
        .first()
        .asString()
        .startsWith(file + ":6: error: the value of 'mcastaddr' has a comment after it")
        .contains("; why: ", "; remedy: ");
  }

  @Test
  void aMissingFileIsToldWithTheCommandThatWritesIt() {
    assertThat(CorosyncConfReport.of(file, new Host()))
        .containsExactly(
            file
                + " does not exist; \"collie corosync generate -n ADDRESS... -w "
                + file
                + "\" writes it");
  }

  @Test
  void aFileThatIsNoneIsToldAsSuch() {
    assertThat(CorosyncConfReport.of(directory, new Host()))
        .singleElement()
        .asString()
        .startsWith("cannot read " + directory);
  }

  @Test
  void notMoreThanAScreenIsTold() throws IOException {
    String many = "nonsense: 1\n".repeat(300);
    assertThat(reportOn(GOOD.replace("totem {\n", "totem {\n" + many)))
        .hasSize(11)
        .last()
        .asString()
        .endsWith(" more; \"collie corosync check\" shows all");
  }

  private static final class Host implements LocalHost {
    @Override
    public String name() {
      return "one";
    }

    @Override
    public Set<InetAddress> addresses() {
      try {
        return Set.of(InetAddress.getByName("198.18.0.11"));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public List<InetAddress> resolve(String name) {
      return List.of();
    }

    @Override
    public boolean holds(Path path, int bytes) {
      return false;
    }
  }
}
