package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BootTest {
  @TempDir Path base;

  @Test
  void isTheSameAsLongAsTheMachineRuns() throws IOException {
    Path file = base.resolve("boot_id");
    Files.writeString(file, "2f1d1a68-0f0f-4a52-9d3e-5f7a3f2b9c11\n");
    long first = Boot.id(file);
    assertThat(Boot.id(file)).isEqualTo(first).isNotZero();
    Files.writeString(file, "2f1d1a68-0f0f-4a52-9d3e-5f7a3f2b9c12\n");
    assertThat(Boot.id(file)).isNotEqualTo(first);
    assertThat(Boot.id()).isEqualTo(Boot.id());
  }

  @Test
  void isAnotherOneEachTimeWhereNobodyCanTell() throws IOException {
    Path file = base.resolve("boot_id");
    assertThat(Boot.id(file)).isNotEqualTo(Boot.id(file));
    Files.writeString(file, "not an id\n");
    assertThat(Boot.id(file)).isNotEqualTo(Boot.id(file));
  }
}
