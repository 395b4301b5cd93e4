package io.sheepdog.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class WorkBoundsTest {
  private static final long MIB = 1L << 20;

  private final EventQueue queue = new EventQueue();
  private boolean clientsWait;
  private final WorkBounds bounds =
      new WorkBounds(new SimProcess(queue, "node", 12345), () -> clientsWait);

  private void begin(int objects, long size) {
    for (int i = 0; i < objects; i++) {
      bounds.begin(size);
    }
  }

  private void pass(Duration time) {
    queue.after(time.toNanos(), () -> {});
    while (queue.runNext()) {
      assertThat(queue.problem()).isNull();
    }
  }

  @Test
  void manyObjectsComeAtOnceWhileNoClientWaits() {
    begin(WorkBounds.PARALLEL - 1, MIB);
    assertThat(bounds.hasRoomFor(MIB)).isTrue();
    begin(1, MIB);
    assertThat(bounds.hasRoomFor(MIB)).isFalse();
    bounds.end(MIB);
    assertThat(bounds.hasRoomFor(MIB)).isTrue();
  }

  @Test
  void fewObjectsComeAtOnceWhileClientsWait() {
    clientsWait = true;
    begin(WorkBounds.PARALLEL_WHILE_CLIENTS_WAIT, MIB);
    assertThat(bounds.hasRoomFor(MIB)).isFalse();
    clientsWait = false;
    assertThat(bounds.hasRoomFor(MIB)).isTrue();
  }

  @Test
  void largeObjectsComeOneByOne() {
    assertThat(bounds.hasRoomFor(2 * WorkBounds.MAX_BYTES)).isTrue();
    begin(1, 2 * WorkBounds.MAX_BYTES);
    assertThat(bounds.hasRoomFor(1)).isFalse();
    bounds.end(2 * WorkBounds.MAX_BYTES);
    begin(1, WorkBounds.MAX_BYTES - MIB);
    assertThat(bounds.hasRoomFor(MIB)).isTrue();
    assertThat(bounds.hasRoomFor(MIB + 1)).isFalse();
  }

  @Test
  void theThrottleLetsSoManyThroughPerInterval() {
    bounds.setThrottle(2, 100);
    assertThat(bounds.pause()).isZero();
    begin(2, MIB);
    pass(Duration.ofMillis(30));
    assertThat(bounds.pause()).isEqualTo(Duration.ofMillis(70).toNanos());
    pass(Duration.ofMillis(70));
    assertThat(bounds.pause()).isZero();
    begin(2, MIB);
    assertThat(bounds.pause()).isEqualTo(Duration.ofMillis(100).toNanos());
  }

  @Test
  void withoutAThrottleNothingIsHeldBack() {
    bounds.setThrottle(1, 1000);
    begin(1, MIB);
    assertThat(bounds.pause()).isPositive();
    bounds.setThrottle(0, 1000);
    assertThat(bounds.pause()).isZero();
    bounds.setThrottle(1, 0);
    assertThat(bounds.pause()).isZero();
    assertThat(bounds.throttle().throttling()).isFalse();
  }
}
