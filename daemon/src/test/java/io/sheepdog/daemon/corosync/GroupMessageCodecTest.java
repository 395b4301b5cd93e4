package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class GroupMessageCodecTest {
  private static final CpgProcess ONE = new CpgProcess(1, 4711);
  private static final CpgProcess HIGH = new CpgProcess(0xC6120000, 42);

  static Stream<Arguments> goldenBytes() {
    return Stream.of(
        Arguments.of(
            new GroupMessage.Hello(0x1122334455667788L), "7368704a010100001122334455667788"),
        Arguments.of(new GroupMessage.Again(-1), "7368704a01030000ffffffffffffffff"),
        Arguments.of(
            new GroupMessage.Roster(5, List.of(ONE, HIGH)),
            "7368704a01020000000000000000000500000001" + "00001267c61200000000002a"),
        Arguments.of(new GroupMessage.Roster(5, List.of()), "7368704a010200000000000000000005"));
  }

  @ParameterizedTest
  @MethodSource("goldenBytes")
  void bytesAreThoseOfTheDrawing(GroupMessage message, String hex) {
    assertThat(HexFormat.of().formatHex(GroupMessageCodec.encode(message))).isEqualTo(hex);
    assertThat(GroupMessageCodec.decode(HexFormat.of().parseHex(hex))).isEqualTo(message);
  }

  @Test
  void payloadComesBackAsItWas() {
    byte[] bytes = {1, 2, 3};
    byte[] encoded = GroupMessageCodec.encode(new GroupMessage.Payload(bytes));
    assertThat(HexFormat.of().formatHex(encoded)).isEqualTo("7368704a01040000010203");
    assertThat(GroupMessageCodec.decode(encoded))
        .isInstanceOfSatisfying(
            GroupMessage.Payload.class, payload -> assertThat(payload.payload()).isEqualTo(bytes));
  }

  @Test
  void largestMessageStaysBelow64KiB() {
    assertThat(ClusterDriver.MAX_MESSAGE + GroupMessageCodec.HEADER_BYTES).isLessThan(64 << 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7368704a01040000", // a payload of nothing
        "7368704b0104000001", // another magic
        "7368704a0204000001", // a later format
        "7368704a0105000001", // an unknown type
        "7368704a0101000011223344556677", // a byte too few
        "7368704a010100001122334455667788ff", // a byte too many
        "7368704a01020000000000000000000500000001", // half a member
      })
  void whatIsNoMessageIsRefused(String hex) {
    assertThat(GroupMessageCodec.decode(HexFormat.of().parseHex(hex))).isNull();
  }

  @Test
  void rosterThatIsTooLongIsRefused() {
    List<CpgProcess> many = Collections.nCopies(GroupMessageCodec.MAX_MEMBERS, ONE);
    byte[] longest = GroupMessageCodec.encode(new GroupMessage.Roster(1, many));
    assertThat(GroupMessageCodec.decode(longest)).isEqualTo(new GroupMessage.Roster(1, many));
    assertThat(GroupMessageCodec.decode(Arrays.copyOf(longest, longest.length + 8))).isNull();
  }

  @Test
  void anyBytesAreAMessageOrNone() {
    Random random = new Random(20101);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      byte[] header = {0x73, 0x68, 0x70, 0x4a, 1, (byte) random.nextInt(6), 0, 0};
      System.arraycopy(header, 0, bytes, 0, Math.min(bytes.length, random.nextInt(9)));
      GroupMessage message = GroupMessageCodec.decode(bytes);
      if (message != null) {
        assertThat(GroupMessageCodec.encode(message)).hasSameSizeAs(bytes);
      }
    }
  }
}
