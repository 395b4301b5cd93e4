package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class BlockSizeShiftTest {
  @Test
  void blockSizesArePowersOfTwoFromOneMebibyteToTwoGibibytes() {
    assertThat(BlockSizeShift.objectSize(BlockSizeShift.DEFAULT)).isEqualTo(4 << 20);
    assertThat(BlockSizeShift.ofObjectSize(1L << 31)).isEqualTo(BlockSizeShift.MAX);
    for (int shift = BlockSizeShift.MIN; shift <= BlockSizeShift.MAX; shift++) {
      assertThat(BlockSizeShift.ofObjectSize(BlockSizeShift.objectSize(shift))).isEqualTo(shift);
    }
    assertThat(List.of(0L, -1L, 3L << 20, 1L << 19, 1L << 32, Long.MIN_VALUE))
        .allSatisfy(
            size ->
                assertThatThrownBy(() -> BlockSizeShift.ofObjectSize(size))
                    .isInstanceOf(IllegalArgumentException.class));
    assertThatThrownBy(() -> BlockSizeShift.objectSize(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
