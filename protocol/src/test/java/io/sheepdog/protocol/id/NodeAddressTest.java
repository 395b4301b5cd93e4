package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class NodeAddressTest {
  /** The node table of the user guide of May 2010. */
  private static final Map<String, String> GUIDE =
      Map.of(
          "192.50.109.182:7000", "3751ad4d1b9d6dcb",
          "192.50.109.185:7000", "492815213580505c",
          "192.50.109.187:7000", "d0c7ee6eee054e72",
          "192.50.109.184:7000", "d208d1cfb8fb0451",
          "192.50.109.186:7000", "dfefba81b1c87f1f",
          "192.50.109.189:7000", "e48b7ede454ea360",
          "192.50.109.188:7000", "eb7f884fecfa4f35",
          "192.50.109.183:7000", "ed01cd77b045713e");

  @Test
  void nodeIdsAreThoseOfTheGuide() {
    assertThat(GUIDE)
        .allSatisfy(
            (address, id) ->
                assertThat(NodeAddress.parse(address).node2010Id())
                    .as(address)
                    .isEqualTo(Long.parseUnsignedLong(id, 16)));
    assertThat(NodeAddress.parse("10.68.13.15:7000").node2010Id()).isEqualTo(0x0308164db75cff7eL);
  }

  @Test
  void ipv4IsInTheLastFourBytes() {
    NodeAddress address = NodeAddress.parse("192.50.109.182:7001");
    assertThat(address.addressBytes())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 192, 50, 109, (byte) 182);
    assertThat(address.host()).isEqualTo("192.50.109.182");
    assertThat(address.port()).isEqualTo(7001);
    assertThat(address).hasToString("192.50.109.182:7001");
  }

  @Test
  void theDefaultZoneIsTheAddressReadBackwards() {
    assertThat(NodeAddress.parse("127.0.0.1:7000").defaultZone()).isEqualTo(16777343);
  }

  @Test
  void ipv6IsShortenedAsInRfc5952() {
    assertThat(
            Stream.of(
                    "[2001:db8:0:0:0:0:0:1]:7000",
                    "[fe80::1]:1",
                    "[2001:db8:0:1:1:1:1:1]:2",
                    "[2001:0:0:1:0:0:0:1]:3",
                    "[2001:db8::]:4",
                    "[2001:DB8:0:0:1:0:0:1]:5")
                .map(NodeAddress::parse))
        .extracting(NodeAddress::toString)
        .containsExactly(
            "[2001:db8::1]:7000",
            "[fe80::1]:1",
            "[2001:db8:0:1:1:1:1:1]:2",
            "[2001:0:0:1::1]:3",
            "[2001:db8::]:4",
            "[2001:db8::1:0:0:1]:5");
  }

  @Test
  void theIpv6LoopbackBecomesTheIpv4One() {
    assertThat(NodeAddress.parse("[::1]:7000")).isEqualTo(NodeAddress.parse("127.0.0.1:7000"));
  }

  @Test
  void anyAddressSurvivesItsText() throws UnknownHostException {
    Random random = new Random(7000);
    for (int i = 0; i < 1000; i++) {
      long high = random.nextBoolean() ? 0 : (random.nextLong() & 0xffff00000000ffffL) | 1L << 61;
      long low = high == 0 ? random.nextInt() & 0xffffffffL : random.nextLong() & 0xffff0000ffffL;
      NodeAddress address = new NodeAddress(high, low, random.nextInt(65536));
      assertThat(NodeAddress.parse(address.toString())).isEqualTo(address);
      assertThat(NodeAddress.of(address.toInetAddress(), address.port())).isEqualTo(address);
    }
    assertThat(NodeAddress.of(InetAddress.getByName("192.0.2.1"), 1)).hasToString("192.0.2.1:1");
  }

  @Test
  void orderIsByAddressBytesThenByPortNumber() {
    List<NodeAddress> sorted =
        Stream.of(
                "127.0.0.1:7000",
                "127.0.0.1:300",
                "200.0.0.1:1",
                "[fe80::1]:1",
                "[2001:db8::1]:9",
                "10.0.0.1:9999")
            .map(NodeAddress::parse)
            .sorted()
            .toList();
    assertThat(sorted)
        .extracting(NodeAddress::toString)
        .containsExactly(
            "10.0.0.1:9999",
            "127.0.0.1:300",
            "127.0.0.1:7000",
            "200.0.0.1:1",
            "[2001:db8::1]:9",
            "[fe80::1]:1");
  }

  @Test
  void hostNamesAndMalformedAddressesAreRefused() {
    assertThat(
            List.of(
                "",
                "localhost:7000",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:x",
                "127.1:7000",
                "1.2.3.256:1",
                "[127.0.0.1]:7000",
                "::1:7000",
                "[::1]7000",
                "[1::2::3]:1",
                "127.0.0.1:7000 "))
        .allSatisfy(
            text ->
                assertThatThrownBy(() -> NodeAddress.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + text + "' is not a node address"));
  }

  @Test
  void portsAreLimitedTo16Bits() {
    assertThatThrownBy(() -> NodeAddress.parse("127.0.0.1:65536"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Port 65536 is out of range; 0 to 65535 are allowed");
    assertThat(NodeAddress.NONE.isNone()).isTrue();
    assertThat(NodeAddress.NONE.withPort(1).isNone()).isFalse();
  }
}
