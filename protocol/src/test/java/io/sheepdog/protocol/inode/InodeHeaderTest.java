package io.sheepdog.protocol.inode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class InodeHeaderTest {
  private static final InodeHeader ALICE =
      new InodeHeader(
          "Alice",
          "",
          new SheepTime(5L << 32),
          SheepTime.NONE,
          0,
          (4L << 20) * 3 + 1,
          0,
          0,
          0,
          3,
          22,
          1,
          VdiId.hashOf("Alice"),
          VdiId.NONE,
          0);

  private static ByteBuf zeros() {
    return Unpooled.wrappedBuffer(new byte[InodeLayout.HEADER_SIZE]);
  }

  @Test
  void offsetsAndSizesAreThoseOfTheProtocol() {
    assertThat(InodeLayout.QEMU_SIZE).isEqualTo(4198968);
    assertThat(InodeLayout.FULL_SIZE)
        .isEqualTo(
            InodeLayout.REFERENCE_OFFSET
                + InodeLayout.INDEX_ENTRIES * InodeLayout.REFERENCE_ENTRY_SIZE);
    assertThat(InodeLayout.indexEntryOffset(0)).isEqualTo(4664);
    assertThat(InodeLayout.indexEntryOffset(InodeLayout.INDEX_ENTRIES - 1)).isEqualTo(4198964);
    assertThat(InodeLayout.referenceEntryOffset(1)).isEqualTo(4198976);
    assertThatThrownBy(() -> InodeLayout.indexEntryOffset(InodeLayout.INDEX_ENTRIES))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> InodeLayout.referenceEntryOffset(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWriteToTheIndexLiesWhollyInsideIt() {
    assertThat(InodeLayout.isInIndex(4664, 4194304)).isTrue();
    assertThat(InodeLayout.isInIndex(4198968, 0)).isTrue();
    assertThat(InodeLayout.isInIndex(4663, 4)).isFalse();
    assertThat(InodeLayout.isInIndex(4664, 4194305)).isFalse();
    assertThat(InodeLayout.isInIndex(4664, Long.MAX_VALUE)).isFalse();
    assertThat(InodeLayout.isInIndex(4664, -1)).isFalse();
  }

  @Test
  void anyHeaderSurvivesItsBytes() {
    Random random = new Random(4664);
    for (int i = 0; i < 1000; i++) {
      InodeHeader header =
          new InodeHeader(
              "n".repeat(random.nextInt(256)),
              "é".repeat(random.nextInt(128)),
              new SheepTime(random.nextLong()),
              new SheepTime(random.nextLong()),
              random.nextLong(),
              random.nextLong() >>> 1,
              random.nextLong() >>> 1,
              random.nextInt(256),
              random.nextInt(256),
              random.nextInt(256),
              20 + random.nextInt(12),
              random.nextInt(),
              new VdiId(random.nextInt(VdiId.MAX_VALUE + 1)),
              new VdiId(random.nextInt(VdiId.MAX_VALUE + 1)),
              random.nextInt());
      ByteBuf bytes = Unpooled.buffer();
      header.encode(bytes);
      assertThat(bytes.readableBytes()).isEqualTo(InodeLayout.HEADER_SIZE);
      assertThat(InodeHeader.decode(bytes)).isEqualTo(header);
      assertThat(bytes.isReadable()).isFalse();
    }
  }

  @Test
  void anEmptyHeaderIsATombstone() {
    InodeHeader empty = InodeHeader.decode(zeros());
    assertThat(empty.isDeleted()).isTrue();
    assertThat(empty.isSnapshot()).isFalse();
  }

  @Test
  void clearingKeepsWhatSurvivorsNeed() {
    InodeHeader tombstone = ALICE.withTag("t").cleared();
    assertThat(tombstone.isDeleted()).isTrue();
    assertThat(tombstone.tag()).isEmpty();
    assertThat(tombstone.vdiId()).isEqualTo(ALICE.vdiId());
    assertThat(tombstone.vdiSize()).isEqualTo(ALICE.vdiSize());
  }

  @Test
  void changesLeaveTheOriginalAlone() {
    InodeHeader changed =
        ALICE
            .withTag("before")
            .withSnapshotTime(new SheepTime(9))
            .withVmState(7, 8)
            .withSize(1L << 40)
            .withCopies(6, 0x22);
    assertThat(changed)
        .isEqualTo(
            new InodeHeader(
                "Alice",
                "before",
                ALICE.createTime(),
                new SheepTime(9),
                7,
                1L << 40,
                8,
                0x22,
                0,
                6,
                22,
                1,
                ALICE.vdiId(),
                VdiId.NONE,
                0));
    assertThat(changed.isSnapshot()).isTrue();
    assertThat(ALICE.isSnapshot()).isFalse();
  }

  @Test
  void theLastObjectMayBeUsedInPart() {
    assertThat(ALICE.objectCount()).isEqualTo(4);
    assertThat(ALICE.withSize(4L << 20).objectCount()).isEqualTo(1);
    assertThat(ALICE.withSize(0).objectCount()).isZero();
    assertThat(ALICE.withSize(Long.MAX_VALUE).objectCount()).isEqualTo(1L << 41);
    assertThat(ALICE.withVmState(0, 1).vmStateObjectCount()).isEqualTo(1);
  }

  @Test
  void sizesAreLimitedByTheIndexTable() {
    assertThat(InodeHeader.maxSize(22)).isEqualTo(4L << 40);
    assertThat(InodeHeader.maxSize(20)).isEqualTo(1L << 40);
    assertThat(InodeHeader.maxSize(31)).isEqualTo(2L << 50);
  }

  @Test
  void impossibleFieldsAreRefused() {
    assertThatThrownBy(() -> InodeHeader.decode(Unpooled.wrappedBuffer(new byte[4663])))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Inode header needs 4664 bytes, only 4663 are there");
    assertThatThrownBy(() -> InodeHeader.decode(zeros().setByte(555, 19)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Block size shift 19 of an inode is out of range; 20 to 31 are allowed");
    assertThatThrownBy(() -> InodeHeader.decode(zeros().setLongLE(536, -1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("VDI size 18446744073709551615 of an inode is above 2^63-1");
    assertThatThrownBy(() -> InodeHeader.decode(zeros().setIntLE(564, 1 << 24)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("VDI id 0x1000000 in an inode is above 0xffffff");
    assertThatThrownBy(() -> ALICE.withTag("x".repeat(256)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Snapshot tag has 256 bytes; at most 255 are allowed");
  }
}
