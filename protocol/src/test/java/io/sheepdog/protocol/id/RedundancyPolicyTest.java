package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RedundancyPolicyTest {
  @Test
  void threeReplicasSurviveTheLossOfTwo() {
    RedundancyPolicy policy = RedundancyPolicy.parse("3");
    assertThat(policy).isEqualTo(new RedundancyPolicy(3, 0)).hasToString("3");
    assertThat(policy.isErasureCoded()).isFalse();
    assertThat(policy.dataStrips()).isEqualTo(1);
    assertThat(policy.parityStrips()).isEqualTo(2);
  }

  @Test
  void fourDataAndTwoParityStripsAreSixCopiesWithPolicy22() {
    RedundancyPolicy policy = RedundancyPolicy.parse("4:2");
    assertThat(policy).isEqualTo(new RedundancyPolicy(6, 0x22)).hasToString("4:2");
    assertThat(policy.dataStrips()).isEqualTo(4);
    assertThat(policy.parityStrips()).isEqualTo(2);
  }

  @Test
  void everyErasureCodeSurvivesItsText() {
    for (int data : List.of(2, 4, 8, 16)) {
      for (int parity = 1; parity <= 15; parity++) {
        RedundancyPolicy policy = RedundancyPolicy.erasure(data, parity);
        assertThat(RedundancyPolicy.parse(policy.toString())).isEqualTo(policy);
        assertThat(policy.copies()).isEqualTo(data + parity);
        assertThat(policy.copyPolicy()).isBetween(1, 0xff);
      }
    }
  }

  @Test
  void whatIsNoRedundancyIsRefusedWithAdvice() {
    assertThat(List.of("0", "32", "-1", "3:1", "4:0", "4:16", "2147483650:1"))
        .allSatisfy(
            text ->
                assertThatThrownBy(() -> RedundancyPolicy.parse(text))
                    .isInstanceOf(IllegalArgumentException.class));
    assertThatThrownBy(() -> RedundancyPolicy.parse("many"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'many' is not a redundancy; write a number of copies such as 3, or data:parity such as 4:2");
    assertThatThrownBy(() -> new RedundancyPolicy(5, 0x22))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RedundancyPolicy(6, 0x122))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
