package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class EpochTest {
  @Test
  void epochsAreUnsigned() {
    Epoch last = new Epoch(-1);
    assertThat(last).hasToString("4294967295");
    assertThat(last.isNewerThan(new Epoch(1))).isTrue();
    assertThat(Epoch.ZERO.next()).isEqualTo(new Epoch(1));
    assertThat(new Epoch(Integer.MAX_VALUE).next().isNewerThan(new Epoch(Integer.MAX_VALUE)))
        .isTrue();
    assertThatThrownBy(last::next).isInstanceOf(ArithmeticException.class);
  }
}
