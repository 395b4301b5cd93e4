package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.id.VdiId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class VdiBitmapTest {
  private static final VdiId LAST = new VdiId(VdiId.MAX_VALUE);

  private final VdiBitmap bitmap = new VdiBitmap();

  @Test
  void idsAreLowestBitFirstInTheirByte() {
    bitmap.set(new VdiId(0x15d167));
    ByteBuf out = Unpooled.buffer();
    bitmap.encode(out);
    assertThat(out.getByte(0x15d167 / 8)).isEqualTo((byte) (1 << (0x15d167 % 8)));
    assertThat(bitmap.cardinality()).isEqualTo(1);
  }

  @Test
  void firstClearIsWhereProbingStops() {
    for (int value = 60; value < 200; value++) {
      bitmap.set(new VdiId(value));
    }
    assertThat(bitmap.firstClear(new VdiId(59))).isEqualTo(new VdiId(59));
    assertThat(bitmap.firstClear(new VdiId(60))).isEqualTo(new VdiId(200));
    assertThat(bitmap.firstClear(new VdiId(130))).isEqualTo(new VdiId(200));
    bitmap.clear(new VdiId(128));
    assertThat(bitmap.firstClear(new VdiId(60))).isEqualTo(new VdiId(128));
    assertThat(bitmap.get(new VdiId(128))).isFalse();
    assertThat(bitmap.get(new VdiId(129))).isTrue();
  }

  @Test
  void searchEndsAtTheLargestId() {
    assertThat(bitmap.firstSet(VdiId.NONE)).isNull();
    bitmap.set(LAST);
    assertThat(bitmap.firstClear(LAST)).isNull();
    assertThat(bitmap.firstSet(VdiId.NONE)).isEqualTo(LAST);
  }

  @Test
  void aCopyIsIndependent() {
    VdiBitmap copy = bitmap.copy();
    bitmap.set(LAST);
    assertThat(copy.get(LAST)).isFalse();
    assertThat(copy).isNotEqualTo(bitmap);
  }
}
