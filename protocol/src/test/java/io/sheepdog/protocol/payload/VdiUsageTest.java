package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.util.List;
import org.junit.jupiter.api.Test;

class VdiUsageTest {
  private static InodeHeader header(String name, String tag) {
    return new InodeHeader(
        name,
        tag,
        new SheepTime(0x1122334455667788L),
        new SheepTime(2L << 32),
        3,
        5L << 22,
        4,
        0,
        1,
        3,
        22,
        0x99,
        new VdiId(0xabcdef),
        new VdiId(0x123456),
        7);
  }

  private static ByteBuf encoded(VdiUsage usage) {
    ByteBuf out = Unpooled.buffer();
    usage.encode(out);
    return out;
  }

  @Test
  void theBytesAreThoseOfTheDrawing() {
    assertThat(ByteBufUtil.hexDump(encoded(new VdiUsage(header("Ab", "t"), 0x102, 0x304))))
        .isEqualTo(
            "024162"
                + "0174"
                + "8877665544332211"
                + "0000000002000000"
                + "0300000000000000"
                + "0000400100000000"
                + "0400000000000000"
                + "00010316"
                + "99000000"
                + "efcdab00"
                + "56341200"
                + "07000000"
                + "02010000"
                + "04030000");
  }

  @Test
  void whatWasEncodedIsDecoded() {
    VdiUsage longest = new VdiUsage(header("n".repeat(255), "ü".repeat(127)), 1 << 20, 0);
    VdiUsage deleted = new VdiUsage(header("", ""), 0, 0);
    ByteBuf both = Unpooled.wrappedBuffer(encoded(longest), encoded(deleted));
    assertThat(encoded(longest).readableBytes()).isLessThanOrEqualTo(VdiUsage.MAX_SIZE);
    assertThat(VdiUsage.decodeList(both)).isEqualTo(List.of(longest, deleted));
    assertThat(VdiUsage.isDeleted(ByteBufUtil.getBytes(encoded(longest)))).isFalse();
    assertThat(VdiUsage.isDeleted(ByteBufUtil.getBytes(encoded(deleted)))).isTrue();
  }

  @Test
  void lessThanAWholeOneIsRefused() {
    ByteBuf whole = encoded(new VdiUsage(header("Ab", "t"), 1, 2));
    for (int length = 0; length < whole.readableBytes(); length++) {
      ByteBuf part = whole.slice(0, length);
      assertThatThrownBy(() -> VdiUsage.decode(part)).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void entriesOfItsOwnAndOfOthersAreCountedAndHolesAreNot() {
    ByteBuf index = Unpooled.buffer();
    for (int owner : new int[] {0xabcdef, 0, 5, 0xabcdef, 6, 0}) {
      index.writeIntLE(owner);
    }
    VdiUsage usage = VdiUsage.of(header("Ab", ""), index);
    assertThat(usage.used()).isEqualTo(2);
    assertThat(usage.shared()).isEqualTo(2);
    assertThat(index.readableBytes()).isEqualTo(24);
    assertThat(VdiUsage.indexSize(header("Ab", ""))).isEqualTo(5 * 4);
  }
}
