package io.sheepdog.daemon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class LocalDirectoryTest {
  @TempDir Path base;

  @Test
  void namesShareOneBaseAndNeverMeet() {
    Map<String, String> environment = Map.of("SHEEPDOG_LOCAL_DIR", "/run/sheep");
    assertThat(LocalDirectory.of("local", environment)).isEqualTo(Path.of("/run/sheep/default"));
    assertThat(LocalDirectory.of("local:lab-1", environment))
        .isEqualTo(Path.of("/run/sheep/lab-1"));
  }

  @Test
  void withoutTheVariableEveryUserHasADirectoryOfItsOwn() throws IOException {
    int user = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(LocalDirectory.of("local", Map.of()))
        .isEqualTo(Path.of("/tmp/sheepdog-local-" + user + "/default"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local:",
        "local:a/b",
        "local:..",
        "local:a b",
        "local:\u00e4",
        "locale",
        "zookeeper"
      })
  void otherNamesAreRefused(String specification) {
    assertThatThrownBy(() -> LocalDirectory.of(specification, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("local");
  }

  @Test
  void tooLongANameIsRefused() {
    assertThatThrownBy(() -> LocalDirectory.of("local:" + "x".repeat(65), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 64");
  }

  @Test
  void directoryIsMadeForItsUserOnly() throws Exception {
    Path group = base.resolve("run").resolve("group");
    LocalDirectory.prepare(group);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(group)))
        .isEqualTo("rwx------");
    LocalDirectory.prepare(group);
  }

  @Test
  void directoryOpenToOthersIsRefused() throws Exception {
    Path group = Files.createDirectory(base.resolve("group"));
    Files.setPosixFilePermissions(group, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> LocalDirectory.prepare(group))
        .isInstanceOf(LocalDriverException.class)
        .hasMessageContaining("chmod 700 " + group);
  }

  @Test
  void foreignOwnerIsRefused() throws Exception {
    assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
        "only root can give a directory away");
    Path group = base.resolve("group");
    LocalDirectory.prepare(group);
    Files.setAttribute(group, "unix:uid", 4711, LinkOption.NOFOLLOW_LINKS);
    assertThatThrownBy(() -> LocalDirectory.prepare(group))
        .isInstanceOf(LocalDriverException.class)
        .hasMessageContaining("belongs to user 4711");
  }

  @Test
  void symbolicLinkAndFileAreRefused() throws Exception {
    Path link = Files.createSymbolicLink(base.resolve("link"), base);
    Path file = Files.createFile(base.resolve("file"));
    for (Path path : new Path[] {link, file}) {
      assertThatThrownBy(() -> LocalDirectory.prepare(path))
          .isInstanceOf(LocalDriverException.class)
          .hasMessageContaining("is not a directory");
    }
  }

  @Test
  void directoryThatCannotBeMadeIsRefused() throws Exception {
    Path file = Files.createFile(base.resolve("file"));
    assertThatThrownBy(() -> LocalDirectory.prepare(file.resolve("group")))
        .isInstanceOf(LocalDriverException.class)
        .hasMessageContaining("SHEEPDOG_LOCAL_DIR");
  }
}
