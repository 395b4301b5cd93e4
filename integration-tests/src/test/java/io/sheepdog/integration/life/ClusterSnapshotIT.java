package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A cluster is saved to a directory, lost, and made again. */
@Timeout(300)
final class ClusterSnapshotIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 2);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, "set -e; cd " + CLUSTER.directory() + "; " + line);
  }

  private static String out(String line) {
    return run(line).orFail().stdout();
  }

  private static int objects() {
    return Integer.parseInt(out("find a/objects -type f | wc -l").strip());
  }

  @Test
  void everythingIsThereAgainAfterAFormat() {
    out(
        """
        collie vdi create -z 23 Alice 64M; collie vdi create -c 3 Bob 40M
        head -c 10M /dev/urandom | collie vdi write Alice 3M
        head -c 5M /dev/urandom | collie vdi write Bob 30M
        collie vdi snapshot -s one Alice; collie vdi snapshot -s one Bob
        head -c 1M /dev/urandom | collie vdi write Alice 40M
        collie vdi snapshot -s two Alice
        collie vdi rollback -f -s one Alice
        head -c 1M /dev/urandom | collie vdi write Alice 4M
        collie vdi snapshot -s three Alice
        collie vdi clone -s two Alice Carol
        head -c 1M /dev/urandom | collie vdi write Carol 41M
        collie vdi snapshot -s carol Carol
        collie cluster snapshot save -m noon a
        """);
    int noon = objects();
    out("head -c 1M /dev/urandom | collie vdi write Bob 31M; collie vdi snapshot -s two Bob");
    out("collie cluster snapshot save evening a");
    assertThat(objects() - noon).as("objects that changed").isEqualTo(1);
    String before =
        out(
            """
            sum() { collie vdi export -p 7001 -s $2 $1 - | sha256sum; }
            sum Alice one; sum Alice two; sum Alice three
            sum Bob one; sum Bob two; sum Carol carol
            """);
    long used = used();

    out("collie cluster format --copies=1; collie vdi create Other 4M");
    assertThat(out("collie cluster snapshot list -r a | cut -f 1,3"))
        .isEqualTo("1\tnoon\n2\tevening\n");
    assertThat(out("collie cluster snapshot show evening a | wc -l").strip()).isEqualTo("7");
    Outcome loaded = run("collie cluster snapshot load evening a").orFail();

    assertThat(loaded.stdout() + loaded.stderr()).isEmpty();
    assertThat(
            out(
                """
                sum() { collie vdi export -p 7001 -s $2 $1 - | sha256sum; }
                sum Alice one; sum Alice two; sum Alice three
                sum Bob one; sum Bob two; sum Carol carol
                """))
        .isEqualTo(before);
    assertThat(out("collie vdi list -r Other")).isEmpty();
    assertThat(out("collie vdi read Bob | sha256sum"))
        .isEqualTo(out("collie vdi read -s two Bob | sha256sum"));
    assertThat(out("collie vdi read Alice | sha256sum"))
        .isEqualTo(out("collie vdi read -s three Alice | sha256sum"));
    assertThat(out("collie vdi list -o json Alice")).contains("\"block_size_shift\" : 23");
    assertThat(out("collie vdi list -o json Bob")).contains("\"copies\" : \"3\"");
    out("collie vdi create Default 4M");
    assertThat(out("collie vdi list -o json Default")).contains("\"copies\" : \"2\"");
    assertThat(used()).as("what was shared is shared again").isEqualTo(used);
    assertThat(run("collie cluster check").orFail().stderr()).isEmpty();

    out("f=$(find a/objects -type f | head -1); printf x | dd of=$f conv=notrunc status=none");
    Outcome damaged = run("collie cluster snapshot load evening a").mustFail();
    assertThat(damaged.stderr()).startsWith("The archive is damaged: ").contains("/a/objects/");
    assertThat(out("collie vdi read Bob | sha256sum"))
        .isEqualTo(out("collie vdi read -s two Bob | sha256sum"));
  }

  /** Data objects that exist, each with all its copies. */
  private static long used() {
    return Long.parseLong(out("ls n?/obj | grep -c '^00'").strip());
  }

  @Test
  void anInterruptedSaveIsNotListed() {
    out(
        """
        collie vdi create Big 600M; head -c 600M /dev/urandom | collie vdi write Big
        collie vdi snapshot -s big Big
        """);
    Outcome interrupted =
        run(
            """
            collie cluster snapshot save half b Big & saver=$!
            until [ "$(find b/objects -type f 2>/dev/null | wc -l)" -ge 3 ]; do sleep 0.05; done
            kill $saver; wait $saver && echo unexpected || echo code $?
            """);
    assertThat(interrupted.stdout()).contains("code ").doesNotContain("unexpected");
    assertThat(
            out("find b/tmp -type f; find b/snapshots -type f; collie cluster snapshot list -r b"))
        .isEmpty();
    out("collie cluster snapshot save whole b Big");
    assertThat(out("find b/objects -type f | wc -l").strip()).isEqualTo("150");
    assertThat(out("collie cluster snapshot list -r b | wc -l").strip()).isEqualTo("1");
  }
}
