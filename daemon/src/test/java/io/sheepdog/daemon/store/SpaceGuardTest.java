package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sheepdog.daemon.store.SpaceGuard.Reading;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class SpaceGuardTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1L << 30;
  private static final long DISK = 1000 * MIB;

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.sheepdog.daemon.store");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private long free = DISK;
  private long now;
  private int measurements;
  private int roomy;

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(log);
  }

  private SpaceGuard guard() throws IOException {
    return new SpaceGuard(
        () -> {
          measurements++;
          return new Reading(DISK, free);
        },
        () -> now,
        () -> roomy++);
  }

  @Test
  void reserveIsFivePercentOfADiskWithinBounds() {
    assertThat(SpaceGuard.reserveOf(10 * GIB)).isEqualTo(GIB / 2);
    assertThat(SpaceGuard.reserveOf(10_000 * GIB)).isEqualTo(4 * GIB);
    assertThat(SpaceGuard.reserveOf(40 * MIB)).isEqualTo(4 * MIB);
    assertThat(SpaceGuard.reserveOf(16 * MIB)).isEqualTo(2 * MIB);
  }

  @Test
  void newObjectsAreRefusedFromTheReserveOn() throws IOException {
    SpaceGuard guard = guard();
    free = 51 * MIB;
    now += 2_000_000_000L;
    assertThat(guard.admits((int) MIB)).isTrue();
    free = 49 * MIB;
    assertThat(guard.admits((int) MIB)).isFalse();
    assertThat(guard.admits(0)).isFalse();
    free = 60 * MIB;
    assertThat(guard.admits((int) MIB)).as("at once, however young the last figure is").isTrue();
  }

  @Test
  void farFromTheReserveNobodyMeasuresForEachObject() throws IOException {
    SpaceGuard guard = guard();
    int before = measurements;
    for (int i = 0; i < 100; i++) {
      assertThat(guard.admits((int) (4 * MIB))).isTrue();
    }
    assertThat(measurements).isEqualTo(before);
  }

  @Test
  void objectsCreatedSinceTheLastMeasurementCount() throws IOException {
    SpaceGuard guard = guard();
    int before = measurements;
    for (int i = 0; i < 230; i++) {
      guard.admits((int) (4 * MIB));
    }
    assertThat(measurements).as("920 MiB of 1000 created within a second").isGreaterThan(before);
  }

  @Test
  void whatFillsTheHolesOfObjectsMakesTheNextCreationMeasure() throws IOException {
    SpaceGuard guard = guard();
    free = 40 * MIB;
    guard.wrote((int) (960 * MIB));
    assertThat(guard.admits(4096)).isFalse();
  }

  @Test
  void eachCrossingIsOneLineThatSaysWhatToDo() throws IOException {
    SpaceGuard guard = guard();
    for (long mib : List.of(160, 149, 151, 149, 48, 51, 40, 45, 120, 500)) {
      free = mib * MIB;
      now += 2_000_000_000L;
      guard.look();
    }

    assertThat(log.list).hasSize(4);
    assertThat(log.list.get(0).getFormattedMessage())
        .contains("event=SPACE_LOW", "used=86%", "delete VDIs");
    assertThat(log.list.get(1).getFormattedMessage())
        .contains("event=SPACE_RESERVED", "new objects are refused", "delete VDIs");
    assertThat(log.list.get(2).getFormattedMessage()).contains("event=SPACE_FREED");
    assertThat(log.list.get(3).getFormattedMessage()).contains("event=SPACE_FREED", "used=50%");
  }

  @Test
  void theBallastIsFilledUpOnlyWhenThereIsRoom() throws IOException {
    SpaceGuard guard = guard();
    int before = roomy;
    free = 10 * MIB;
    now += 2_000_000_000L;
    guard.look();
    assertThat(roomy).isEqualTo(before);
    free = 500 * MIB;
    now += 2_000_000_000L;
    guard.look();
    assertThat(roomy).isEqualTo(before + 1);
  }
}
