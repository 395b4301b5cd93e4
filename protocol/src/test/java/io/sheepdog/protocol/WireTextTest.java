package io.sheepdog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class WireTextTest {
  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  @Test
  void whatFollowsTheNulIsIgnored() {
    ByteBuf in = bytes("abc\0junk!");
    assertThat(WireText.read(in, 8, "Name")).isEqualTo("abc");
    assertThat(in.readableBytes()).isEqualTo(1);
  }

  @Test
  void paddingIsZero() {
    ByteBuf out = Unpooled.buffer();
    WireText.write(out, "é", 5, "Name");
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo("c3a9000000");
  }

  @Test
  void aFieldWithoutNulIsRefused() {
    assertThatThrownBy(() -> WireText.read(bytes("abcdefgh\0"), 8, "VDI name"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("VDI name has no terminating NUL; at most 7 bytes are allowed");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    ByteBuf latin1 = Unpooled.wrappedBuffer(new byte[] {(byte) 0xe9, 0, 0, 0});
    assertThatThrownBy(() -> WireText.read(latin1, 4, "VDI name"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("VDI name is not valid UTF-8");
  }

  @Test
  void aTextThatFillsTheFieldIsRefused() {
    assertThatThrownBy(() -> WireText.write(Unpooled.buffer(), "abcd", 4, "Tag"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Tag has 4 bytes; at most 3 are allowed");
  }

  @Test
  void aNulInsideATextIsRefused() {
    assertThatThrownBy(() -> WireText.check("a\0b", 8, "Tag"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Tag contains a NUL character");
  }

  @Test
  void aTruncatedFieldIsRefused() {
    assertThatThrownBy(() -> WireText.read(bytes("ab"), 4, "Tag"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Tag needs 4 bytes, only 2 are there");
  }
}
