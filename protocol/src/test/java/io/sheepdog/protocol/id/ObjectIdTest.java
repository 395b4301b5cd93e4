package io.sheepdog.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ObjectIdTest {
  private static final VdiId ALICE = new VdiId(0x15d167);

  @Test
  void idsHaveTheirPublishedForm() {
    assertThat(ObjectId.inode(ALICE)).hasToString("8015d16700000000");
    assertThat(ObjectId.data(ALICE, 1)).hasToString("0015d16700000001");
    assertThat(ObjectId.vmstate(ALICE, 2)).hasToString("4015d16700000002");
    assertThat(ObjectId.attribute(ALICE, 0x43180f2aL)).hasToString("2015d16743180f2a");
  }

  @Test
  void kindVdiAndIndexCanBeReadBack() {
    ObjectId oid = ObjectId.attribute(ALICE, 0xffffffffL);
    assertThat(oid.kind()).isEqualTo(ObjectKind.ATTRIBUTE);
    assertThat(oid.vid()).isEqualTo(ALICE);
    assertThat(oid.index()).isEqualTo(0xffffffffL);
    assertThat(ObjectId.inode(ALICE).kind()).isEqualTo(ObjectKind.INODE);
    assertThat(ObjectId.data(ALICE, 0).kind()).isEqualTo(ObjectKind.DATA);
    assertThat(ObjectId.vmstate(ALICE, 0).kind()).isEqualTo(ObjectKind.VMSTATE);
    assertThat(ObjectId.parse("1015d16700000003").kind()).isEqualTo(ObjectKind.BTREE);
    assertThat(ObjectId.parse("0815d16700000003").kind()).isEqualTo(ObjectKind.LEDGER);
  }

  @Test
  void impossibleIdsAreInvalid() {
    assertThat(
            List.of(
                "c015d16700000000",
                "0115d16700000000",
                "0415d16700000000",
                "8015d16700000001",
                "ffffffffffffffff"))
        .allSatisfy(text -> assertThat(ObjectId.parse(text).kind()).isEqualTo(ObjectKind.INVALID));
  }

  @Test
  void orderIsUnsigned() {
    ObjectId inode = ObjectId.inode(ALICE);
    ObjectId data = ObjectId.data(ALICE, 7);
    assertThat(Stream.of(inode, data).sorted()).containsExactly(data, inode);
  }

  @Test
  void textOfAnyIdParsesBack() {
    Random random = new Random(20100517);
    for (int i = 0; i < 1000; i++) {
      ObjectId oid = new ObjectId(random.nextLong() >>> random.nextInt(64));
      assertThat(oid.toString()).hasSize(16).isLowerCase();
      assertThat(ObjectId.parse(oid.toString())).isEqualTo(oid);
    }
    assertThat(ObjectId.parse("00FFFFFF000FFFFF"))
        .isEqualTo(ObjectId.data(new VdiId(0xffffff), 0xfffff));
  }

  @Test
  void onlySixteenHexDigitsAreAnId() {
    assertThat(
            List.of(
                "",
                "15d167",
                "8015d1670000000g",
                "+015d16700000000",
                "8015d167000000000",
                "８015d1670000000"))
        .allSatisfy(
            text ->
                assertThatThrownBy(() -> ObjectId.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'" + text + "' is not an object id; write 16 hex digits"));
  }

  @Test
  void indexesAreLimitedTo32Bits() {
    assertThatThrownBy(() -> ObjectId.data(ALICE, 0x100000000L))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ObjectId.data(ALICE, -1)).isInstanceOf(IllegalArgumentException.class);
  }
}
