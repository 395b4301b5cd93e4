package io.sheepdog.daemon.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class LauncherTest {
  @TempDir private Path directory;

  @Test
  void eachLineIsMarkedAndNothingFollowsTheExitCode() throws IOException {
    Path pipe = Files.createFile(directory.resolve("pipe"));
    Launcher launcher = Launcher.background(pipe);
    launcher.out("sheep: waiting\nfor two");
    launcher.err("sheep: trouble\n");
    launcher.exit(1);
    launcher.err("too late");
    launcher.exit(0);
    assertThat(Files.readString(pipe))
        .isEqualTo("OUT sheep: waiting\nOUT for two\nERR sheep: trouble\nEXIT 1\n");
  }

  @Test
  void aDescriptorThatIsNoneIsSaid() {
    assertThatThrownBy(() -> Launcher.background(directory.resolve("none")))
        .hasMessageContaining("SHEEP_READY_FD names no descriptor that can be written");
  }

  @Test
  void pidFileIsReplacedAndRemoved() throws IOException {
    Path path = directory.resolve("sheep.pid");
    Files.writeString(path, "a much longer text from a daemon that died\n");
    PidFile file = PidFile.write(path, 4711);
    assertThat(path).hasContent("4711\n");
    file.close();
    assertThat(path).doesNotExist();
    file = PidFile.write(path, 1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    file.close();
  }

  @Test
  void pidFileThatCannotBeWrittenIsSaid() {
    assertThatThrownBy(() -> PidFile.write(directory.resolve("no/such/dir/pid"), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be written")
        .hasMessageContaining("-P");
  }

  @Test
  void theProcessGetsItsName() throws IOException {
    assertThat(ProcessName.set("sheep-test")).isTrue();
    assertThat(Path.of("/proc/self/comm")).content().isEqualTo("sheep-test\n");
    assertThat(ProcessName.set("java")).isTrue();
  }
}
