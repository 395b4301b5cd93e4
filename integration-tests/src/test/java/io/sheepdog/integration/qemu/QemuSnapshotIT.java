package io.sheepdog.integration.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snapshots, going back, clones and new sizes, asked for by {@code qemu-img}. */
@Tag(Qemu52.TAG)
@Timeout(120)
final class QemuSnapshotIT {

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell().preferring(Qemu52.bin());

  @Test
  void aSnapshotKeepsWhatTheWorkingImageOverwrites() {
    create("Dora");
    write("Dora", 1, "0 8M");
    shell.run("qemu-img snapshot -c before sheepdog:Dora").orFail();

    write("Dora", 2, "2M 4M");

    verify("sheepdog:Dora:before", 1, "0 8M");
    verify("sheepdog:Dora:1", 1, "0 8M");
    verify("sheepdog://127.0.0.1:7002/Dora#before", 1, "0 8M");
    verify("sheepdog:Dora", 1, "0 2M");
    verify("sheepdog:Dora", 2, "2M 4M");
    verify("sheepdog:Dora", 1, "6M 2M");
  }

  @Test
  void snapshotsAreListedByQemuAndByCollie() {
    create("Listed");
    write("Listed", 1, "0 4M");
    shell.run("qemu-img snapshot -c first sheepdog:Listed").orFail();
    shell.run("qemu-img snapshot -c second sheepdog:Listed").orFail();

    assertThat(shell.run("qemu-img snapshot -l sheepdog:Listed").orFail().stdout())
        .containsSubsequence("first", "second");
    assertThat(rows("Listed"))
        .hasSize(3)
        .anyMatch(row -> row.matches("s Listed +1 +64 MB +4\\.0 MB +0\\.0 MB .*"))
        .anyMatch(row -> row.matches("s Listed +2 +64 MB +0\\.0 MB +4\\.0 MB .*"))
        .anyMatch(row -> row.matches("  Listed +3 +64 MB +0\\.0 MB +4\\.0 MB .*"));
  }

  @Test
  void goingBackToASnapshotBringsItsContentBack() {
    create("Erin");
    write("Erin", 1, "0 8M");
    shell.run("qemu-img snapshot -c good sheepdog:Erin").orFail();
    write("Erin", 2, "0 8M");

    shell.run("qemu-img snapshot -a good sheepdog:Erin").orFail();

    verify("sheepdog:Erin", 1, "0 8M");
    write("Erin", 3, "4M 1M");
    verify("sheepdog:Erin", 1, "0 4M");
    verify("sheepdog:Erin", 3, "4M 1M");
    verify("sheepdog:Erin:good", 1, "0 8M");
  }

  @Test
  void goingBackWorksMoreThanOnce() {
    create("Frank");
    write("Frank", 1, "0 4M");
    shell.run("qemu-img snapshot -c one sheepdog:Frank").orFail();
    write("Frank", 2, "0 4M");
    shell.run("qemu-img snapshot -c two sheepdog:Frank").orFail();
    write("Frank", 3, "0 4M");

    shell.run("qemu-img snapshot -a one sheepdog:Frank").orFail();
    verify("sheepdog:Frank", 1, "0 4M");
    shell.run("qemu-img snapshot -a two sheepdog:Frank").orFail();

    verify("sheepdog:Frank", 2, "0 4M");
    verify("sheepdog:Frank:one", 1, "0 4M");
    verify("sheepdog:Frank:two", 2, "0 4M");
  }

  /** QEMU clears the index of the working image first, which must not take effect. */
  @Test
  void deletingASnapshotLeavesTheWorkingImageAlone() {
    create("Gwen");
    write("Gwen", 1, "0 8M");
    shell.run("qemu-img snapshot -c first sheepdog:Gwen").orFail();
    shell.run("qemu-img snapshot -c second sheepdog:Gwen").orFail();
    write("Gwen", 2, "4M 8M");

    shell.run("qemu-img snapshot -d first sheepdog:Gwen").orFail();

    verify("sheepdog:Gwen", 1, "0 4M");
    verify("sheepdog:Gwen", 2, "4M 8M");
    verify("sheepdog:Gwen:second", 1, "0 8M");
    assertThat(rows("Gwen")).hasSize(2);
  }

  @Test
  void aSnapshotThatNobodyTookIsNotFound() {
    create("Gina");
    write("Gina", 1, "0 4M");

    shell.run("qemu-img snapshot -a nowhere sheepdog:Gina").mustFail();

    verify("sheepdog:Gina", 1, "0 4M");
  }

  @Test
  void aCloneStartsAsItsBaseAndGoesItsOwnWay() {
    create("Henry");
    write("Henry", 1, "0 8M");
    shell.run("qemu-img snapshot -c base sheepdog:Henry").orFail();

    // QEMU 5.2 often crashes once the server has made the clone: the VDI is what counts
    Outcome cloned =
        shell.run("qemu-img create -f sheepdog -b sheepdog:Henry:base -F sheepdog Iris");

    assertThat(rows("Iris")).as("after %s", cloned).hasSize(1);
    verify("sheepdog:Iris", 1, "0 8M");
    write("Iris", 2, "0 4M");
    write("Henry", 3, "4M 4M");
    verify("sheepdog:Iris", 2, "0 4M");
    verify("sheepdog:Iris", 1, "4M 4M");
    verify("sheepdog:Henry", 1, "0 4M");
    verify("sheepdog:Henry", 3, "4M 4M");
    verify("sheepdog:Henry:base", 1, "0 8M");
  }

  @Test
  void anImageGrowsAndKeepsItsContent() {
    create("Jack");
    write("Jack", 1, "60M 4M");

    shell.run("qemu-img resize sheepdog:Jack 96M").orFail();

    verify("sheepdog:Jack", 1, "60M 4M");
    verify("sheepdog:Jack", 0, "64M 32M");
    write("Jack", 2, "94M 2M");
    verify("sheepdog://127.0.0.1:7001/Jack", 2, "94M 2M");
    assertThat(rows("Jack")).singleElement().asString().contains("  96 MB ");
  }

  @Test
  void anImageDoesNotShrink() {
    create("Kate");
    write("Kate", 1, "60M 4M");

    shell.run("qemu-img resize --shrink sheepdog:Kate 32M").mustFail();

    verify("sheepdog:Kate", 1, "60M 4M");
  }

  private void create(String vdi) {
    shell.run("qemu-img create -f sheepdog " + vdi + " 64M").orFail();
  }

  private void write(String vdi, int pattern, String range) {
    check(shell.run("qemu-io -c 'write -P %d %s' sheepdog:%s".formatted(pattern, range, vdi)));
  }

  private void verify(String image, int pattern, String range) {
    check(shell.run("qemu-io -r -c 'read -P %d %s' '%s'".formatted(pattern, range, image)));
  }

  private static void check(Outcome outcome) {
    assertThat(outcome.orFail().stdout())
        .as("%s", outcome)
        .doesNotContain("failed")
        .doesNotContain("error");
  }

  private List<String> rows(String vdi) {
    return shell.run("collie vdi list").orFail().lines().stream()
        .filter(row -> row.matches(". " + vdi + " .*"))
        .toList();
  }
}
