package io.sheepdog.daemon;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Instant;

/** The host's clocks. */
final class SystemClock implements Clock {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public SheepTime wallTime() {
    return SheepTime.of(Instant.now());
  }
}
