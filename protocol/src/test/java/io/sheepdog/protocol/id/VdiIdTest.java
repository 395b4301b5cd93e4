package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.protocol.testdata.JsonTree;
import io.sheepdog.protocol.testdata.PlacementVectors;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class VdiIdTest {
  @Test
  void hashesOfNamesAreAsPublished() {
    JsonTree vectors = PlacementVectors.load();
    assertThat(vectors.trees("vdi_hash")).hasSizeGreaterThan(9);
    for (JsonTree vector : vectors.trees("vdi_hash")) {
      String name = vector.text("name");
      assertThat(Fnv.hash(name.getBytes(StandardCharsets.UTF_8))).isEqualTo(vector.hex("fnv1a64"));
      VdiId vid = VdiId.hashOf(name);
      assertThat(vid.value()).isEqualTo((int) vector.hex("vid"));
      assertThat(ObjectId.inode(vid)).hasToString(vector.text("inode_oid"));
    }
  }

  @Test
  void probingVectorsStartAtTheirPublishedHash() {
    int seen = 0;
    for (JsonTree step : PlacementVectors.load().trees("vdi_probing")) {
      if (step.has("hash")) {
        int hash = (int) step.hex("hash");
        assertThat(VdiId.hashOf(step.text("name")).value()).isEqualTo(hash == 0 ? 1 : hash);
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(4);
  }

  @Test
  void aHashOfZeroBecomesOne() {
    assertThat(VdiId.hashOf("vol31448154")).isEqualTo(new VdiId(1));
  }

  @Test
  void probingWrapsFromTheLargestIdToOne() {
    assertThat(new VdiId(5).next()).isEqualTo(new VdiId(6));
    assertThat(VdiId.hashOf("vol21720182").next()).isEqualTo(new VdiId(1));
  }

  @Test
  void idsAreLimitedTo24Bits() {
    assertThat(VdiId.isValid(VdiId.MAX_VALUE)).isTrue();
    assertThat(VdiId.isValid(0x1000000)).isFalse();
    assertThat(VdiId.isValid(-1)).isFalse();
    assertThatThrownBy(() -> new VdiId(0x1000000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("VDI id 0x1000000 is out of range; 0 to 0xffffff are allowed");
    assertThatThrownBy(() -> new VdiId(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textIsUnpaddedHex() {
    assertThat(new VdiId(0x0316b4)).hasToString("316b4");
    assertThat(VdiId.NONE.isNone()).isTrue();
  }
}
