package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class BacklogTest {
  private final Backlog backlog = new Backlog(4, 1000);
  private final List<Boolean> told = new ArrayList<>();

  @Test
  void tooManyOperationsAreCongestionUntilHalfAreDone() {
    backlog.onChange(told::add);
    for (int i = 0; i < 4; i++) {
      assertThat(backlog.add(0)).isTrue();
    }
    assertThat(backlog.congested()).isTrue();
    backlog.remove(0);
    assertThat(told).containsExactly(true);
    backlog.remove(0);
    assertThat(told).containsExactly(true, false);
    assertThat(backlog.congested()).isFalse();
  }

  @Test
  void tooManyBytesAreCongestion() {
    backlog.onChange(told::add);
    backlog.add(999);
    assertThat(backlog.congested()).isFalse();
    backlog.add(1);
    assertThat(told).containsExactly(true);
  }

  @Test
  void beyondFourTimesTheThresholdNothingMoreIsTaken() {
    for (int i = 0; i < 16; i++) {
      assertThat(backlog.add(0)).isTrue();
    }
    assertThat(backlog.add(0)).isFalse();
    backlog.remove(0);
    assertThat(backlog.add(0)).isTrue();
  }

  @Test
  void singleLargeOperationIsTakenWhenNothingElseWaits() {
    assertThat(backlog.add(100_000)).isTrue();
    assertThat(backlog.add(1)).isFalse();
  }
}
