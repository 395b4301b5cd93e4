package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BallastTest {
  @TempDir Path base;
  private Path file;

  @BeforeEach
  void path() {
    file = base.resolve("ballast");
  }

  private Ballast open() throws IOException {
    return Ballast.open(Files.getFileStore(base), file);
  }

  /** A record for which the disk has room only from the given attempt on. */
  private static Ballast.Record fitsAt(int attempt, int[] attempts) {
    return () -> {
      if (++attempts[0] < attempt) {
        throw new IOException("No space left on device");
      }
    };
  }

  @Test
  void recordThatFindsNoRoomGetsAPieceOfIt() throws IOException {
    try (Ballast ballast = open()) {
      long full = Files.size(file);
      int[] attempts = {0};

      ballast.write(fitsAt(2, attempts));

      assertThat(attempts[0]).isEqualTo(2);
      assertThat(Files.size(file)).isEqualTo(full - Ballast.PIECE);
      ballast.refill();
      assertThat(Files.size(file)).isEqualTo(full);
    }
  }

  @Test
  void recordThatNeverFitsFailsAndLeavesMostOfIt() throws IOException {
    try (Ballast ballast = open()) {
      long full = Files.size(file);
      assertThatThrownBy(() -> ballast.write(fitsAt(100, new int[1])))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");
      assertThat(Files.size(file)).isEqualTo(full - 2L * Ballast.PIECE);
    }
  }

  @Test
  void otherErrorsCostNothing() throws IOException {
    try (Ballast ballast = open()) {
      long full = Files.size(file);
      assertThatThrownBy(
              () ->
                  ballast.write(
                      () -> {
                        throw new IOException("Input/output error");
                      }))
          .hasMessageContaining("Input/output");
      assertThat(Files.size(file)).isEqualTo(full).isPositive();
    }
  }
}
