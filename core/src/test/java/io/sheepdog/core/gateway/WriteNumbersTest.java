package io.sheepdog.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class WriteNumbersTest {
  private final WriteNumbers numbers = new WriteNumbers();

  @Test
  void whatIsSettledEndsBeforeTheOldestWriteThatIsUnderWay() {
    assertThat(numbers.settled()).isZero();
    WriteNumbers.Ticket one = numbers.next();
    WriteNumbers.Ticket two = numbers.next();
    assertThat(one.number()).isEqualTo(1);
    assertThat(two.number()).isEqualTo(2);
    assertThat(numbers.settled()).isZero();
    two.end();
    assertThat(numbers.settled()).isZero();
    one.end();
    assertThat(numbers.settled()).isEqualTo(2);
    numbers.next();
    assertThat(numbers.settled()).isEqualTo(2);
  }
}
