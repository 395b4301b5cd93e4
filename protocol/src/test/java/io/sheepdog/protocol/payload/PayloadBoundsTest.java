package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the payload codecs do with bytes that no honest peer sends. */
@Timeout(30)
class PayloadBoundsTest {
  private static ByteBuf zeros(int size) {
    return Unpooled.wrappedBuffer(new byte[size]);
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(ProtocolException.class).hasMessage(message);
  }

  @Test
  void oneByteTooFewIsRefusedByEveryStructure() {
    Map<Integer, Consumer<ByteBuf>> decoders = new LinkedHashMap<>();
    decoders.put(NodeEntry.SIZE, NodeEntry::decode);
    decoders.put(ClusterInfoPayload.SIZE, ClusterInfoPayload::decode);
    decoders.put(EpochLogEntry.size(3), in -> EpochLogEntry.decode(in, 3));
    decoders.put(VdiStatePayload.SIZE, VdiStatePayload::decode);
    decoders.put(VdiAttribute.SIZE, VdiAttribute::decode);
    decoders.put(MdInfo.SIZE, MdInfo::decode);
    decoders.put(RecoveryStatePayload.SIZE, RecoveryStatePayload::decode);
    decoders.put(SheepStat.SIZE, SheepStat::decode);
    decoders.put(VdiBitmap.SIZE, VdiBitmap::decode);
    decoders.put(NameTag.NAME_SIZE, in -> NameTag.decode(in, NameTag.NAME_SIZE));
    decoders.put(NameTag.NAME_AND_TAG_SIZE, in -> NameTag.decode(in, NameTag.NAME_AND_TAG_SIZE));
    decoders.put(NbdService.SIZE, NbdService::decode);
    decoders.put(VdiLockPayload.SIZE, VdiLockPayload::decode);
    assertThat(decoders).hasSize(13);
    decoders.forEach(
        (size, decoder) ->
            assertThatThrownBy(() -> decoder.accept(zeros(size - 1)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(
                    "needs " + size + " bytes, only " + (size - 1) + " are there"));
    assertThatThrownBy(() -> RecoveryThrottle.decode(zeros(RecoveryThrottle.SIZE - 1)))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void namesWithControlCharactersAreRefused() {
    assertRefused(() -> NameTag.of("Alice\nBob"), "VDI name contains the control character U+000A");
    assertRefused(
        () -> new NameTag("Alice", "\u001b[2J"),
        "Snapshot tag contains the control character U+001B");
    assertThat(NameTag.of("アリス 1").name()).isEqualTo("アリス 1");
  }

  @Test
  void publishedSizes() {
    assertThat(ClusterInfoPayload.SIZE).isEqualTo(491568);
    assertThat(VdiAttribute.SIZE).isEqualTo(66320);
    assertThat(VdiBitmap.SIZE).isEqualTo(2097152);
    assertThat(EpochLogEntry.size(0)).isEqualTo(48);
    assertThat(EpochLogEntry.size(1024)).isEqualTo(48 + 1024 * 80);
  }

  @Test
  void aNamePayloadHas256Or512Bytes() {
    for (int length : List.of(-1, 0, 255, 257, 511, 513, Integer.MAX_VALUE)) {
      assertRefused(
          () -> NameTag.decode(zeros(1024), length),
          "VDI name payload of "
              + length
              + " bytes; it must have 256 (name) or 512 (name and tag)");
    }
  }

  @Test
  void anEmptyNameIsRefused() {
    assertRefused(() -> NameTag.decode(zeros(256), 256), "VDI name is empty");
    assertRefused(() -> NameTag.of(""), "VDI name is empty");
  }

  @Test
  void aNameOf256BytesWithoutNulIsRefused() {
    ByteBuf full = zeros(512);
    for (int i = 0; i < 256; i++) {
      full.setByte(i, 'x');
    }
    assertRefused(
        () -> NameTag.decode(full, 512),
        "VDI name has no terminating NUL; at most 255 bytes are allowed");
    assertRefused(
        () -> NameTag.of("x".repeat(256)), "VDI name has 256 bytes; at most 255 are allowed");
    assertThat(NameTag.of("x".repeat(255)).name()).hasSize(255);
  }

  @Test
  void aNodeListIsLimited() {
    assertRefused(
        () -> NodeEntry.decodeList(zeros(80), 6145),
        "Node list with 6145 entries; at most 6144 are allowed");
    assertRefused(
        () -> NodeEntry.decodeList(zeros(80), -1),
        "Node list with 4294967295 entries; at most 6144 are allowed");
    assertRefused(
        () -> NodeEntry.decodeList(zeros(80), 2), "Node list needs 160 bytes, only 80 are there");
  }

  @Test
  void clusterInfoWithANegativeNodeCountIsRefused() {
    ByteBuf info = zeros(ClusterInfoPayload.SIZE);
    info.setByte(20, ClusterStatus.OK.code());
    info.setShortLE(2, -1);
    assertThatThrownBy(() -> ClusterInfoPayload.decode(info.duplicate()))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("at most 6144 are allowed");
  }

  @Test
  void clusterInfoWithAnUnknownStatusIsRefused() {
    assertRefused(
        () -> ClusterInfoPayload.decode(zeros(ClusterInfoPayload.SIZE)),
        "Cluster status 0 is unknown; 1 to 4 are allowed");
  }

  @Test
  void anEpochLogEntryHasNoMoreNodesThanSlots() {
    ByteBuf entry = zeros(EpochLogEntry.size(2));
    entry.setIntLE(20, 3);
    assertRefused(
        () -> EpochLogEntry.decode(entry.duplicate(), 2),
        "Epoch log entry with 3 nodes in 2 slots");
    assertRefused(
        () -> EpochLogEntry.size(-1),
        "Epoch log entry with 4294967295 node slots; at most 6144 are allowed");
    assertRefused(
        () -> EpochLogEntry.decodeList(zeros(100), 0),
        "Epoch log of 100 bytes is not a multiple of 48");
    NodeEntry node = NodeEntry.of(NodeAddress.parse("127.0.0.1:7000"), 1, 0, 0);
    EpochLogEntry two =
        new EpochLogEntry(
            SheepTime.NONE, 0, Epoch.ZERO, false, 1, 0, 0, "plain", Collections.nCopies(2, node));
    assertRefused(
        () -> two.encode(Unpooled.buffer(), 1), "Epoch log entry with 2 nodes in 1 slots");
  }

  @Test
  void aVdiStateHasAtMost31Participants() {
    ByteBuf state = zeros(VdiStatePayload.SIZE);
    state.setIntLE(60, 32);
    assertRefused(
        () -> VdiStatePayload.decode(state.duplicate()),
        "VDI state with 32 lock participants; at most 31 are allowed");
    state.setIntLE(60, 0).setIntLE(16, 4);
    assertRefused(
        () -> VdiStatePayload.decode(state.duplicate()),
        "Lock state 4 is unknown; 0 to 3 are allowed");
    state.setIntLE(16, 0).setIntLE(12, 1 << 24);
    assertRefused(
        () -> VdiStatePayload.decode(state.duplicate()),
        "VDI id 0x1000000 in a VDI state is above 0xffffff");
    assertRefused(
        () -> VdiStatePayload.decodeList(zeros(1429)),
        "VDI state list of 1429 bytes is not a multiple of 1428");
  }

  @Test
  void anAttributeValueIsLimitedBeforeItIsCopied() {
    ByteBuf attribute = zeros(VdiAttribute.SIZE);
    attribute.setIntLE(524, -1);
    assertRefused(
        () -> VdiAttribute.decode(attribute.duplicate()),
        "Attribute value of 4294967295 bytes; at most 65536 are allowed");
    assertRefused(
        () -> new VdiAttribute("a", "", SheepTime.NONE, 0, "k", new byte[65537]),
        "Attribute value of 65537 bytes; at most 65536 are allowed");
    attribute.setIntLE(524, Limits.ATTRIBUTE_VALUE_SIZE);
    assertThat(VdiAttribute.decode(attribute).value()).hasSize(65536);
  }

  @Test
  void aNodeHasAtMost64Disks() {
    ByteBuf info = zeros(MdInfo.SIZE);
    info.setIntLE(263680, 65);
    assertRefused(
        () -> MdInfo.decode(info.duplicate()), "Disk info with 65 disks; 0 to 64 are allowed");
    info.setIntLE(263680, -1);
    assertRefused(
        () -> MdInfo.decode(info.duplicate()), "Disk info with -1 disks; 0 to 64 are allowed");
  }

  @Test
  void anUnknownRecoveryPhaseIsRefused() {
    ByteBuf state = zeros(RecoveryStatePayload.SIZE);
    state.setIntLE(4, 3);
    assertRefused(
        () -> RecoveryStatePayload.decode(state),
        "Recovery phase 3 is unknown; 0 to 2 are allowed");
  }

  @Test
  void anObjectListIsAWholeNumberOfIds() {
    assertRefused(
        () -> ObjectIdList.decode(zeros(12)), "Object list of 12 bytes is not a multiple of 8");
  }
}
