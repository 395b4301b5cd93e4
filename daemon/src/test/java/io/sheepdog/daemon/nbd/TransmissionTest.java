package io.sheepdog.daemon.nbd;

import static io.sheepdog.daemon.nbd.NbdTestClient.header;
import static io.sheepdog.daemon.nbd.NbdTestClient.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests and replies, byte by byte. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class TransmissionTest {
  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int DISC = 2;
  private static final int FLUSH = 3;
  private static final int TRIM = 4;
  private static final int CACHE = 5;
  private static final int WRITE_ZEROES = 6;
  private static final int BLOCK_STATUS = 7;
  private static final int EPERM = 1;
  private static final int EIO = 5;
  private static final int EINVAL = 22;
  private static final int ENOSPC = 28;
  private static final int ENOTSUP = 95;
  private static final int ESHUTDOWN = 108;
  private static final long SIZE = MemoryBlockHost.SIZE;
  private static final int OBJECT = MemoryBlockHost.OBJECT;
  private static final byte[] NOTHING = {};

  private final World world = new World();
  private final NbdTestClient client = world.connect("10.0.0.1");

  TransmissionTest() {
    world.host.create("Alice");
  }

  @Test
  void writeAndReadWithSimpleReplies() {
    client.go("Alice", false);
    assertThat(hex(bytesOf(client.request(0, WRITE, 1, 3, new byte[] {1, 2, 3}))))
        .isEqualTo("67446698" + "00000000" + "0000000000000007");
    assertThat(hex(bytesOf(client.request(0, READ, 0, 6, NOTHING))))
        .isEqualTo("67446698" + "00000000" + "0000000000000007" + "000102030000");
    assertThat(hex(bytesOf(client.request(0, READ, OBJECT, 4, NOTHING))))
        .isEqualTo("67446698" + "00000000" + "0000000000000007" + "00000000");
  }

  @Test
  void structuredReadsTellDataFromHoles() {
    client.go("Alice", true);
    client.simple(0, WRITE, OBJECT - 1, 1, new byte[] {9});
    assertThat(hex(bytesOf(client.request(0, READ, OBJECT - 2, 5, NOTHING))))
        .isEqualTo(
            ("668e33ef 0000 0001 0000000000000007 0000000a 00000000000ffffe 0009"
                    + "668e33ef 0001 0002 0000000000000007 0000000c 0000000000100000 00000003")
                .replace(" ", ""));
    assertThat(hex(bytesOf(client.request(Nbd.FLAG_DF, READ, OBJECT - 2, 5, NOTHING))))
        .isEqualTo(
            "668e33ef 0001 0001 0000000000000007 0000000d 00000000000ffffe 0009000000"
                .replace(" ", ""));
    assertThat(hex(bytesOf(client.request(0, READ, 0, 0, NOTHING))))
        .isEqualTo("668e33ef 0001 0000 0000000000000007 00000000".replace(" ", ""));
  }

  @Test
  void blockStatusTellsWhereDataIs() {
    client.go("Alice", true);
    client.simple(0, WRITE, OBJECT, 1, new byte[] {9});
    assertThat(hex(bytesOf(client.request(0, BLOCK_STATUS, 512, SIZE - 512, NOTHING))))
        .isEqualTo(
            ("668e33ef 0001 0005 0000000000000007 0000001c 00000001"
                    + "000ffe00 00000003 00100000 00000000 00600600 00000003")
                .replace(" ", ""));
    assertThat(hex(bytesOf(client.request(Nbd.FLAG_REQ_ONE, BLOCK_STATUS, 0, SIZE, NOTHING))))
        .endsWith("0000000c" + "00000001" + "0010000000000003");
  }

  @Test
  void blockStatusThatWasNotNegotiatedIsInvalid() {
    client.go("Alice", false);
    assertThat(client.simple(0, BLOCK_STATUS, 0, 512, NOTHING)).isEqualTo(EINVAL);
  }

  @Test
  void errorsCarryASentenceWhereTheClientUnderstandsOne() {
    client.go("Alice", true);
    ByteBuf reply = client.request(0, READ, SIZE, 1, NOTHING);
    String text = "READ of 1 bytes at " + SIZE + " goes beyond the end, " + SIZE;
    assertThat(hex(bytesOf(reply)))
        .isEqualTo(
            "668e33ef00018001"
                + "0000000000000007"
                + String.format("%08x", text.length() + 6)
                + "00000016"
                + String.format("%04x", text.length())
                + hex(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void requestsThatAreWrongGetTheRightError() {
    client.go("Alice", false);
    assertThat(client.simple(0, READ, SIZE - 1, 2, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, READ, -1, 1, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, READ, Long.MAX_VALUE, 1, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, READ, 0, (32 << 20) + 1, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, WRITE, SIZE, 4, new byte[4])).isEqualTo(ENOSPC);
    assertThat(client.simple(0, WRITE_ZEROES, SIZE, 4, NOTHING)).isEqualTo(ENOSPC);
    assertThat(client.simple(0, TRIM, 1, SIZE, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, CACHE, 1, SIZE, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, FLUSH, 1, 0, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, FLUSH, 0, 1, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, 8, 0, 0, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0, 0xffff, 0, 0, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(Nbd.FLAG_DF, WRITE, 0, 4, new byte[4])).isEqualTo(EINVAL);
    assertThat(client.simple(Nbd.FLAG_NO_HOLE, TRIM, 0, 4, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(0x8000, READ, 0, 4, NOTHING)).isEqualTo(EINVAL);
    assertThat(client.simple(Nbd.FLAG_FUA, FLUSH, 0, 0, NOTHING)).isZero();
    assertThat(client.simple(0, WRITE, SIZE, 0, NOTHING)).isZero();
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void aWriteThatIsTooLongIsSkippedAndTheNextRequestIsUnderstood() {
    client.go("Alice", false);
    int length = (32 << 20) + 1;
    assertThat(client.simple(0, WRITE, 0, length, new byte[length])).isEqualTo(EINVAL);
    assertThat(client.simple(0, WRITE, 0, 4, new byte[4])).isZero();
  }

  @Test
  void aWriteThatNobodyCanMeanEndsTheConnection() {
    client.go("Alice", false);
    client.send(header(0, WRITE, 7, 0, 0xffffffffL));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aWrongMagicNumberEndsTheConnection() {
    client.go("Alice", false);
    client.send("25609514 0000 0000 0000000000000007 0000000000000000 00000004");
    assertThat(client.received()).isEmpty();
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aReadOnlyExportRefusesChanges() {
    world.host.snapshot("Alice", "noon");
    client.go("Alice@noon", false);
    assertThat(client.simple(0, WRITE, 0, 4, new byte[4])).isEqualTo(EPERM);
    assertThat(client.simple(0, TRIM, 0, 4, NOTHING)).isEqualTo(EPERM);
    assertThat(client.simple(0, WRITE_ZEROES, 0, 4, NOTHING)).isEqualTo(EPERM);
    assertThat(client.simple(0, FLUSH, 0, 0, NOTHING)).isZero();
  }

  @Test
  void holesOfAHugeDiskAreCachedInOneRequest() {
    long size = 1L << 33;
    world.host.create("Huge", size);
    client.go("Huge", false);
    assertThat(client.simple(0, CACHE, 123, 0xffff_f000L, NOTHING)).isZero();
  }

  @Test
  void zerosAndTrims() {
    client.go("Alice", false);
    client.simple(0, WRITE, 0, OBJECT, new byte[OBJECT]);
    assertThat(client.simple(Nbd.FLAG_FAST_ZERO, WRITE_ZEROES, 0, 10, NOTHING)).isEqualTo(ENOTSUP);
    assertThat(client.simple(Nbd.FLAG_FUA, WRITE_ZEROES, 0, 10, NOTHING)).isZero();
    assertThat(client.simple(0, CACHE, 0, SIZE, NOTHING)).isZero();
    assertThat(client.simple(Nbd.FLAG_FUA, TRIM, 0, SIZE, NOTHING)).isZero();
    assertThat(world.host.objects()).isEmpty();
    int fastAndAllocated = Nbd.FLAG_FAST_ZERO | Nbd.FLAG_NO_HOLE;
    assertThat(client.simple(fastAndAllocated, WRITE_ZEROES, 0, OBJECT, NOTHING))
        .isEqualTo(ENOTSUP);
    assertThat(world.host.objects()).isEmpty();
    assertThat(client.simple(Nbd.FLAG_NO_HOLE, WRITE_ZEROES, 0, OBJECT, NOTHING)).isZero();
    assertThat(world.host.objects()).hasSize(1);
  }

  @Test
  void failuresOfTheClusterAreErrorsOfTheDevice() {
    client.go("Alice", false);
    world.host.fail(Map.of(Opcode.CREATE_AND_WRITE_OBJ, ResultCode.NO_SPACE));
    assertThat(client.simple(0, WRITE, 0, 4, new byte[4])).isEqualTo(ENOSPC);
    world.host.fail(Map.of(Opcode.CREATE_AND_WRITE_OBJ, ResultCode.HALT));
    assertThat(client.simple(0, WRITE, 0, 4, new byte[4])).isEqualTo(EIO);
    world.host.fail(Map.of());
    world.host.unlock("Alice");
    assertThat(client.simple(0, WRITE, 0, 4, new byte[4])).isEqualTo(ESHUTDOWN);
  }

  @Test
  void aFlushOnOneConnectionCoversTheWritesOfAnother() {
    client.go("Alice", false);
    NbdTestClient second = world.connect("10.0.0.1").go("Alice", false);
    client.simple(0, WRITE, 5, 3, new byte[] {1, 2, 3});
    second.simple(0, FLUSH, 0, 0, NOTHING);
    world.host.losePower();
    assertThat(hex(bytesOf(second.request(0, READ, 5, 3, NOTHING)))).endsWith("010203");
  }

  /** Zeros that are to be written take long, and the lock ends with the last request. */
  @Test
  void longRequestsOfAClientThatIsGoneGoNoFurther() {
    client.go("Alice", false);
    world.host.create("Large", 3000L << 20);
    NbdTestClient other = world.connect("10.0.0.7").go("Large", false);
    world.host.hold(request -> request.operation() == Opcode.CREATE_AND_WRITE_OBJ);
    other.send(header(Nbd.FLAG_NO_HOLE, WRITE_ZEROES, 1, 0, 2000 << 20));
    other.cut();
    world.host.requests().clear();
    world.host.release();
    assertThat(world.host.count(Opcode.CREATE_AND_WRITE_OBJ))
        .as("what is left of a piece of 64 MiB")
        .isLessThanOrEqualTo(64);
    world.time.advance(Duration.ofSeconds(5));
    assertThat(world.host.isLocked("Large")).isFalse();
  }

  @Test
  void whatARequestHadNotBegunWhenTheLockWasTakenIsNotBegun() {
    client.go("Alice", false);
    world.host.hold(request -> request.operation() == Opcode.CREATE_AND_WRITE_OBJ);
    client.send(header(Nbd.FLAG_NO_HOLE, WRITE_ZEROES, 1, 0, 8 << 20));
    world.host.requests().clear();
    world.host.unlock("Alice");
    world.host.release();
    assertThat(world.host.count(Opcode.CREATE_AND_WRITE_OBJ)).isZero();
    assertThat(hex(client.received())).startsWith("67446698" + "0000006c");
  }

  @Test
  void disconnectingWaitsForWhatIsUnderWayAndEndsTheLock() {
    client.go("Alice", false);
    world.host.hold(request -> true);
    client.send(header(0, WRITE, 7, 0, 2).writeShort(0x0102));
    client.send(header(0, DISC, 8, 0, 0));
    assertThat(client.isClosed()).isFalse();
    world.host.release();
    assertThat(client.received()).hasSize(16);
    assertThat(client.isClosed()).isTrue();
    assertThat(world.host.isLocked("Alice")).isFalse();
  }

  @Test
  void theLockOfAClientThatIsCutEndsAfterTheGrace() {
    client.go("Alice", false);
    client.simple(0, WRITE, 0, 4, new byte[4]);
    client.cut();
    assertThat(world.host.isLocked("Alice")).isTrue();
    world.time.advance(Duration.ofSeconds(5));
    assertThat(world.host.isLocked("Alice")).isFalse();
    assertThat(world.host.sessions()).isZero();
  }

  @Test
  void aWriteThatWasUnderWayWhenItsClientWentIsFinished() {
    client.go("Alice", false);
    world.host.hold(request -> true);
    client.send(header(0, WRITE, 7, 0, 2).writeShort(0x0102));
    client.cut();
    world.time.advance(Duration.ofSeconds(5));
    assertThat(world.host.isLocked("Alice")).isTrue();
    world.host.release();
    world.time.advance(Duration.ofSeconds(5));
    assertThat(world.host.isLocked("Alice")).isFalse();
    assertThat(world.host.objects()).hasSize(1);
    assertThat(world.budget.used()).isZero();
  }

  @Test
  void whatAConnectionHasUnderWayIsBounded() {
    client.go("Alice", false);
    world.host.hold(request -> true);
    world.host.requests().clear();
    for (int i = 0; i < 300; i++) {
      client.send(header(0, READ, i, 0, 4));
    }
    // reads of holes need no node: writes are what waits
    assertThat(client.received()).hasSize(300 * 20);
    for (int i = 0; i < 300; i++) {
      client.send(header(0, WRITE, i, 0, 2).writeShort(1));
    }
    assertThat(client.channel.config().isAutoRead()).isFalse();
    assertThat(world.budget.used()).isEqualTo(256 * (Transmission.FIXED_COST + 2L));
    world.host.release();
    assertThat(client.received()).hasSize(300 * 16);
    assertThat(client.channel.config().isAutoRead()).isTrue();
    assertThat(world.budget.used()).isZero();
  }

  @Test
  void bytesThatAreSharedWithOthersAreWaitedFor() {
    client.go("Alice", false);
    world.budget.pause(true);
    client.send(header(0, WRITE, 7, 0, 2).writeShort(1));
    assertThat(client.received()).isEmpty();
    assertThat(client.channel.config().isAutoRead()).isFalse();
    world.budget.pause(false);
    assertThat(client.received()).hasSize(16);
    client.send(header(0, DISC, 8, 0, 0));
    assertThat(client.isClosed()).isTrue();
  }

  private static byte[] bytesOf(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }

  @Test
  void aHeaderThatComesByteByByteIsUnderstood() {
    client.go("Alice", false);
    ByteBuf request = header(0, WRITE, 7, 0, 2).writeShort(0x0102);
    while (request.isReadable()) {
      client.send(Unpooled.wrappedBuffer(new byte[] {request.readByte()}));
    }
    assertThat(client.received()).hasSize(16);
  }
}
