package io.sheepdog.integration.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of the user guide of May 2010, as printed there, on its port 7000. */
@Tag(Qemu52.TAG)
@Timeout(120)
final class GuideCommandsIT {

  private static final String DATE = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  void qemuImgCreatesAliceAndTheListShowsTheRowOfTheGuide() {
    Outcome created = shell.run("qemu-img create -f sheepdog Alice 40G").orFail();

    assertThat(created.stdout()).contains("fmt=sheepdog size=42949672960");
    Outcome list = shell.run("collie vdi list").orFail();
    assertThat(list.stderr()).isEmpty();
    assertThat(list.lines())
        .startsWith(
            "  name        id    size    used  shared    creation time  object id",
            "--------------------------------------------------------------------")
        .anyMatch(
            row ->
                row.matches(
                    "  Alice        1   40 GB  0\\.0 MB  0\\.0 MB " + DATE + "  8015d16700000000"));
    assertThat(shell.run("collie vm list").orFail().lines())
        .contains("Alice           |    40 GB|   0.0 MB|   0.0 MB| not running");
  }

  @Test
  void theOldSpellingWithAPrefixNamesTheSameVdi() {
    shell.run("qemu-img create sheepdog:Prefixed 64M").orFail();

    assertThat(virtualSize("sheepdog:Prefixed")).isEqualTo(64 << 20);
    assertThat(virtualSize("sheepdog:localhost:7001:Prefixed")).isEqualTo(64 << 20);
  }

  @Test
  void aUrlReachesTheVdiThroughEveryNode() {
    shell.run("qemu-img create -f sheepdog sheepdog://127.0.0.1:7001/Url 1G").orFail();

    for (int port : CLUSTER.ports()) {
      assertThat(virtualSize("sheepdog://127.0.0.1:" + port + "/Url")).isEqualTo(1L << 30);
    }
  }

  @Test
  void theUnixSocketInTheStoreSpeaksTheSameProtocol() {
    shell.run("qemu-img create -f sheepdog Socket 64M").orFail();

    String socket = CLUSTER.store(0).resolve("sock").toString();
    assertThat(virtualSize("'sheepdog+unix:///Socket?socket=" + socket + "'")).isEqualTo(64 << 20);
  }

  @Test
  void aNameThatExistsIsNotCreatedAgain() {
    shell.run("qemu-img create -f sheepdog Twice 64M").orFail();

    Outcome second = shell.run("qemu-img create -f sheepdog Twice 128M").mustFail();

    assertThat(second.stderr()).contains("VDI exists already");
    assertThat(virtualSize("sheepdog:Twice")).isEqualTo(64 << 20);
  }

  @Test
  void aNameThatNobodyCreatedIsNotFound() {
    assertThat(shell.run("qemu-img info sheepdog:Nobody").mustFail().stderr())
        .contains("No vdi found");
  }

  private long virtualSize(String image) {
    String info = shell.run("qemu-img info --output=json " + image).orFail().stdout();
    String size = info.replaceAll("(?s).*\"virtual-size\": (\\d+).*", "$1");
    return Long.parseLong(size);
  }
}
