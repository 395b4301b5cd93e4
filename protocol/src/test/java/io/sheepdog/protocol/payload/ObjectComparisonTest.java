package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.ObjectComparison.Home;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectComparisonTest {
  private static final ObjectComparison SOME =
      new ObjectComparison(
          Outcome.REPAIRED,
          0x01020304,
          List.of(
              new Home(NodeAddress.parse("10.0.0.1:7000"), State.GOOD),
              new Home(NodeAddress.parse("10.0.0.2:7001"), State.REPAIRED)));

  @Test
  void aComparisonHasTheDrawnLayout() {
    ByteBuf out = Unpooled.buffer();
    SOME.encode(out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(ObjectComparison.MAX_BYTES);
    String bytes = ByteBufUtil.hexDump(out);
    assertThat(bytes).startsWith("01020000" + "04030201").hasSize(2 * 48);
    assertThat(bytes.substring(48, 56)).isEqualTo("581b0000");
    assertThat(bytes.substring(88)).isEqualTo("591b0100");
    assertThat(ObjectComparison.decode(out)).isEqualTo(SOME);
  }

  @Test
  void whatIsNoComparisonIsRefused() {
    for (String bytes : List.of("", "04000000" + "00000000", "00010000" + "00000000")) {
      ByteBuf in = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(bytes));
      assertThatThrownBy(() -> ObjectComparison.decode(in)).isInstanceOf(ProtocolException.class);
    }
  }
}
