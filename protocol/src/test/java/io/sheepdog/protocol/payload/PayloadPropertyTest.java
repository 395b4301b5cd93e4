package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seeded round trips of payload structures. */
@Timeout(60)
class PayloadPropertyTest {
  private static final String LETTERS = "abcXYZ019-_.äß犬🐑";

  private final Random random = new Random(0xd06);

  private static <T> void survives(
      int rounds,
      int size,
      Supplier<T> values,
      BiConsumer<T, ByteBuf> encode,
      Function<ByteBuf, T> decode) {
    for (int i = 0; i < rounds; i++) {
      T value = values.get();
      ByteBuf bytes = Unpooled.buffer();
      encode.accept(value, bytes);
      assertThat(bytes.readableBytes()).isEqualTo(size);
      assertThat(decode.apply(bytes)).isEqualTo(value);
      assertThat(bytes.isReadable()).isFalse();
    }
  }

  @Test
  void namesAndTags() {
    survives(
        500,
        512,
        () -> new NameTag("n" + text(254), text(255)),
        NameTag::encodeNameAndTag,
        in -> NameTag.decode(in, 512));
    survives(
        500,
        256,
        () -> NameTag.of("n" + text(254)),
        NameTag::encodeName,
        in -> NameTag.decode(in, 256));
  }

  @Test
  void nodes() {
    survives(500, 80, this::node, NodeEntry::encode, NodeEntry::decode);
    assertThat(NodeEntry.of(address(), 1, -1, 0).zoneUnsigned()).isEqualTo(4294967295L);
  }

  @Test
  void epochLogEntries() {
    survives(
        200,
        EpochLogEntry.size(20),
        () ->
            new EpochLogEntry(
                time(),
                random.nextLong(),
                epoch(),
                random.nextBoolean(),
                u8(),
                u8(),
                u16(),
                text(15),
                nodes(20)),
        (entry, out) -> entry.encode(out, 20),
        in -> EpochLogEntry.decode(in, 20));
  }

  @Test
  void clusterInfos() {
    survives(
        20,
        ClusterInfoPayload.SIZE,
        () ->
            new ClusterInfoPayload(
                u8(),
                random.nextBoolean(),
                epoch(),
                time(),
                u16(),
                u8(),
                u8(),
                ClusterStatus.values()[random.nextInt(4)],
                u8(),
                text(15),
                nodes(60)),
        ClusterInfoPayload::encode,
        ClusterInfoPayload::decode);
  }

  @Test
  void aClusterInfoHoldsTheLargestCluster() {
    NodeEntry node = node();
    survives(
        1,
        ClusterInfoPayload.SIZE,
        () ->
            new ClusterInfoPayload(
                0x0a,
                false,
                epoch(),
                time(),
                0,
                3,
                0,
                ClusterStatus.OK,
                22,
                "plain",
                Stream.generate(() -> node).limit(Limits.MAX_NODES).toList()),
        ClusterInfoPayload::encode,
        ClusterInfoPayload::decode);
  }

  @Test
  void vdiStates() {
    survives(
        200,
        VdiStatePayload.SIZE,
        () ->
            new VdiStatePayload(
                vid(),
                u8(),
                random.nextBoolean(),
                random.nextBoolean(),
                u8(),
                u8(),
                vid(),
                VdiStatePayload.LockState.values()[random.nextInt(4)],
                address(),
                participants()),
        VdiStatePayload::encode,
        VdiStatePayload::decode);
  }

  @Test
  void attributes() {
    survives(
        20,
        VdiAttribute.SIZE,
        () -> {
          byte[] value = new byte[random.nextInt(Limits.ATTRIBUTE_VALUE_SIZE + 1)];
          random.nextBytes(value);
          return new VdiAttribute(text(255), text(255), time(), random.nextInt(), text(255), value);
        },
        VdiAttribute::encode,
        VdiAttribute::decode);
  }

  @Test
  void disksAndRecovery() {
    survives(
        20,
        MdInfo.SIZE,
        () ->
            new MdInfo(
                Stream.generate(
                        () ->
                            new MdInfo.DiskInfo(
                                random.nextInt(), random.nextLong(), random.nextLong(), text(300)))
                    .limit(random.nextInt(MdInfo.MAX_DISKS + 1))
                    .toList()),
        MdInfo::encode,
        MdInfo::decode);
    survives(
        100,
        RecoveryStatePayload.SIZE,
        () ->
            new RecoveryStatePayload(
                random.nextBoolean(),
                random.nextBoolean(),
                RecoveryStatePayload.Phase.values()[random.nextInt(3)],
                random.nextLong(),
                random.nextLong()),
        RecoveryStatePayload::encode,
        RecoveryStatePayload::decode);
    survives(
        100,
        RecoveryThrottle.SIZE,
        () -> new RecoveryThrottle(random.nextInt(), random.nextLong(), random.nextBoolean()),
        RecoveryThrottle::encode,
        RecoveryThrottle::decode);
  }

  @Test
  void locks() {
    survives(
        100,
        VdiLockPayload.SIZE,
        () ->
            new VdiLockPayload(
                vid(),
                VdiLockPayload.Kind.values()[random.nextInt(5)],
                random.nextBoolean(),
                random.nextLong(),
                time(),
                address(),
                text(63)),
        VdiLockPayload::encode,
        VdiLockPayload::decode);
  }

  @Test
  void placesOfNbdServers() {
    survives(
        100,
        NbdService.SIZE,
        () ->
            new NbdService(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(65536),
                text(63),
                text(111)),
        NbdService::encode,
        NbdService::decode);
  }

  @Test
  void statistics() {
    survives(
        100,
        SheepStat.SIZE,
        () ->
            new SheepStat(
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong()),
        SheepStat::encode,
        SheepStat::decode);
  }

  @Test
  void objectLists() {
    survives(
        100,
        80,
        () -> Stream.generate(() -> new ObjectId(random.nextLong())).limit(10).toList(),
        ObjectIdList::encode,
        ObjectIdList::decode);
  }

  @Test
  void bitmaps() {
    survives(
        5,
        VdiBitmap.SIZE,
        () -> {
          VdiBitmap bitmap = new VdiBitmap();
          Stream.generate(this::vid).limit(1000).forEach(bitmap::set);
          return bitmap;
        },
        VdiBitmap::encode,
        VdiBitmap::decode);
  }

  private String text(int maxBytes) {
    StringBuilder text = new StringBuilder();
    int[] letters = LETTERS.codePoints().toArray();
    // The longest of the letters has 4 bytes.
    int count = random.nextInt(maxBytes / 4 + 1);
    for (int i = 0; i < count; i++) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  private NodeEntry node() {
    return new NodeEntry(address(), address(), u16(), random.nextInt(), random.nextLong());
  }

  private List<NodeEntry> nodes(int max) {
    return Stream.generate(this::node).limit(random.nextInt(max + 1)).toList();
  }

  private List<VdiStatePayload.Participant> participants() {
    return Stream.generate(
            () ->
                new VdiStatePayload.Participant(
                    address(), VdiStatePayload.CopyState.values()[random.nextInt(4)]))
        .limit(random.nextInt(VdiStatePayload.MAX_PARTICIPANTS + 1))
        .toList();
  }

  private NodeAddress address() {
    return new NodeAddress(random.nextLong(), random.nextLong(), u16());
  }

  private SheepTime time() {
    return new SheepTime(random.nextLong());
  }

  private Epoch epoch() {
    return new Epoch(random.nextInt());
  }

  private VdiId vid() {
    return new VdiId(random.nextInt(VdiId.MAX_VALUE + 1));
  }

  private int u8() {
    return random.nextInt(0x100);
  }

  private int u16() {
    return random.nextInt(0x10000);
  }
}
