package io.sheepdog.corosyncconf.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.corosyncconf.FakeHost;
import io.sheepdog.corosyncconf.Files;
import io.sheepdog.corosyncconf.check.CorosyncCheck;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Any bytes come out as they went in, whatever they mean, and checking them ends with findings. */
@Timeout(120)
final class RoundTripPropertyTest {
  private static final int FILES = 20_000;
  private static final String[] PIECES = {
    "totem",
    "nodelist",
    "node",
    "quorum",
    "interface",
    " {",
    "{",
    "}",
    ":",
    " : ",
    "#",
    " # ",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\t",
    " ",
    "version: 2\n",
    "ring0_addr: 192.168.0.1\n",
    "nodeid: 1\n",
    "mcastaddr: 226.94.1.1\n",
    "transport: udp\n",
    "ring1_addr",
    "provider: corosync_votequorum\n",
    "expected_votes: 99999999999999999999\n",
    "ringnumber: 1\n",
    "クラスタ",
    "\u3000",
    "\0",
    "x".repeat(600),
    "ring99999999999_addr: a\n",
    "consensus: 1\n",
    "token: 5\n",
    "1.2.3.4.5",
    "::1",
    "fe80::1%eth0"
  };

  @ParameterizedTest
  @FieldSource("io.sheepdog.corosyncconf.Files#GOOD")
  void aGoodFileComesOutAsItWentIn(String name) {
    assertThat(ConfText.parse(Files.good(name)).toBytes()).isEqualTo(Files.good(name));
  }

  @Test
  void theGuidesFileComesOutAsItWentIn() {
    assertThat(ConfText.parse(Files.guide()).toBytes()).isEqualTo(Files.guide());
  }

  @Test
  void anyFileComesOutAsItWentInAndCanBeChecked() {
    for (int seed = 0; seed < FILES; seed++) {
      byte[] file = file(new Random(seed));

      ConfText text = ConfText.parse(file);

      assertThat(text.toBytes()).as("seed %d", seed).isEqualTo(file);
      assertThat(new LineEdits(text).apply()).as("seed %d", seed).isEqualTo(file);
      assertThat(CorosyncCheck.of(text, FakeHost.first())).as("seed %d", seed).isNotEmpty();
    }
  }

  private static byte[] file(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int pieces = random.nextInt(60);
    for (int i = 0; i < pieces; i++) {
      if (random.nextInt(20) == 0) {
        byte[] noise = new byte[random.nextInt(8)];
        random.nextBytes(noise);
        out.writeBytes(noise);
      } else {
        String piece = PIECES[random.nextInt(PIECES.length)];
        out.writeBytes(piece.getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }
}
