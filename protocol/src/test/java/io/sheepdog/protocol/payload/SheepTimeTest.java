package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class SheepTimeTest {
  @Test
  void secondsAreInTheUpperHalf() {
    SheepTime time = SheepTime.of(Instant.parse("2010-05-17T12:34:56.000789Z"));
    assertThat(time.seconds()).isEqualTo(1274099696);
    assertThat(time.nanos()).isEqualTo(789000);
    assertThat(time.wire()).isEqualTo(1274099696L << 32 | 789000);
    assertThat(time.toInstant()).isEqualTo("2010-05-17T12:34:56.000789Z");
  }

  @Test
  void timesAfter2038AreUnsigned() {
    Instant late = Instant.parse("2106-02-07T06:28:15Z");
    assertThat(SheepTime.of(late).toInstant()).isEqualTo(late);
    assertThat(SheepTime.of(late)).isGreaterThan(SheepTime.of(Instant.EPOCH.plusSeconds(1)));
    assertThatThrownBy(() -> SheepTime.of(late.plusSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SheepTime.of(Instant.EPOCH.minusNanos(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void zeroIsNoTime() {
    assertThat(SheepTime.NONE.isNone()).isTrue();
    assertThat(SheepTime.NONE).hasToString("none");
  }
}
