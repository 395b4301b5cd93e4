package io.sheepdog.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Places that cannot be a store. What is mounted is seen on the test's own host only and goes with
 * it.
 */
@Timeout(180)
final class BadStoreIT {
  @TempDir private Path directory;
  private Host host;
  private Shell shell;

  @BeforeEach
  void openHost() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin()));
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  /** Runs a line in which {@code @} stands for the test's directory. */
  private Outcome run(String line) {
    String at = directory.toString();
    return shell.run(
        "export SHEEPDOG_LOCAL_DIR=%s/local; mkdir -p %s/m; %s"
            .formatted(at, at, line.replace("@", at)));
  }

  @Test
  void aFileSystemWithoutExtendedAttributesIsRefusedAndLeftEmpty() {
    run("mount -t ramfs none @/m").orFail();

    Outcome outcome = run("sheep -c local @/m").mustFail();

    assertThat(outcome.stderr())
        .contains(directory.resolve("m").toString(), "user_xattr")
        .doesNotContain("Exception");
    assertThat(outcome.stdout()).isEmpty();
    assertThat(run("ls -A @/m").stdout()).isEmpty();
    assertThat(run("pgrep -f '^sheep @'").stdout()).isEmpty();
  }

  @Test
  void aStoreInUseIsNotTouchedAndItsDaemonGoesOn() {
    run("sheep -c local @/s").orFail();
    run("collie cluster format --copies=1 && collie vdi create Alice 64M").orFail();
    String tree = "find @/s -type f ! -name sheep.log -printf '%p %s %T@\\n' | sort";
    String before = run(tree).stdout();

    Outcome second = run("sheep -c local -p 7001 @/s").mustFail();

    assertThat(second.stderr()).contains("another sheep daemon is using");
    assertThat(run(tree).stdout()).isEqualTo(before);
    assertThat(run("collie vdi list").orFail().stdout()).contains("Alice");
  }
}
