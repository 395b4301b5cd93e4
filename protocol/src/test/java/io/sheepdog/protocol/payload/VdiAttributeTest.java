package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.testdata.JsonTree;
import io.sheepdog.protocol.testdata.PlacementVectors;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class VdiAttributeTest {
  private static VdiAttribute attribute(String key, String value) {
    return new VdiAttribute(
        "Alice", "", SheepTime.NONE, 0, key, value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void slotsAreAsPublished() {
    for (JsonTree vector : PlacementVectors.load().trees("vdi_attr")) {
      VdiAttribute attribute =
          new VdiAttribute(
              vector.text("name"),
              vector.text("tag"),
              SheepTime.NONE,
              (int) vector.number("snap_id"),
              vector.text("key"),
              new byte[0]);
      assertThat(attribute.attributeId()).isEqualTo((int) vector.hex("attr_id"));
      assertThat(attribute.firstSlot()).hasToString(vector.text("oid"));
    }
  }

  @Test
  void theValueDoesNotTellAttributesApart() {
    assertThat(attribute("k", "1").isSameAs(attribute("k", "2"))).isTrue();
    assertThat(attribute("k", "1")).isNotEqualTo(attribute("k", "2"));
    assertThat(attribute("k", "1").isSameAs(attribute("l", "1"))).isFalse();
  }

  @Test
  void theValueCannotBeChangedFromOutside() {
    VdiAttribute attribute = attribute("k", "1");
    attribute.value()[0] = 'x';
    assertThat(attribute).isEqualTo(attribute("k", "1"));
  }
}
