package io.sheepdog.core.block;

import static io.sheepdog.core.block.MemoryBlockHost.OBJECT;
import static io.sheepdog.core.block.MemoryBlockHost.SIZE;
import static io.sheepdog.core.block.VolumeTester.now;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.block.BlockVolume.ZeroMode;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A working VDI under its lock. */
@Timeout(60)
final class HeldVolumeTest {
  private final MemoryBlockHost host = new MemoryBlockHost();
  private final VdiId alice = host.create("Alice");
  private final BlockVolumes volumes = new BlockVolumes(host, new ManualScheduler(), 16 << 20);
  private final VolumeTester tester = VolumeTester.open(volumes, "Alice", "10.0.0.1");
  private final BlockVolume volume = tester.volume;

  @Test
  void whatWasNeverWrittenReadsAsZeroAndIsNotAsked() {
    host.requests().clear();
    tester.check();
    assertThat(host.requests()).isEmpty();
    assertThat(tester.status()).containsExactly(new Extent(SIZE, false));
  }

  @Test
  void unalignedWritesAcrossObjectsReadBack() {
    tester.write(OBJECT - 1, 2, 1);
    tester.write(3L * OBJECT - 100, 2 * OBJECT + 200, 2);
    tester.write(SIZE - 1, 1, 3);
    tester.check();
    assertThat(tester.status())
        .containsExactly(
            new Extent(6L * OBJECT, true),
            new Extent(2L * OBJECT, false),
            new Extent(SIZE - 8L * OBJECT, true));
  }

  @Test
  void firstWritesToOneObjectThatComeTogetherMakeItOnce() {
    host.hold(request -> request.operation() == Opcode.CREATE_AND_WRITE_OBJ);
    CompletionStage<ResultCode> first = tester.begin(0, 512, 1, false);
    CompletionStage<ResultCode> second = tester.begin(512, 512, 2, false);
    CompletionStage<ResultCode> third = tester.begin(1024, 512, 3, false);
    assertThat(first.toCompletableFuture()).isNotDone();
    host.release();
    assertThat(List.of(now(first), now(second), now(third))).containsOnly(ResultCode.SUCCESS);
    assertThat(host.count(Opcode.CREATE_AND_WRITE_OBJ)).isOne();
    tester.check();
  }

  @Test
  void writesIntoAnObjectThatExistsRunSideBySide() {
    tester.write(0, 512, 1);
    host.hold(request -> true);
    host.requests().clear();
    tester.begin(0, 512, 1, false);
    tester.begin(4096, 512, 2, false);
    assertThat(host.requests()).hasSize(2);
    host.release();
    tester.check();
  }

  @Test
  void flushCoversWhatWasWrittenBefore() {
    tester.write(100, 5000, 1);
    assertThat(now(volume.flush())).isEqualTo(ResultCode.SUCCESS);
    host.losePower();
    tester.check();
  }

  @Test
  void durableWriteIntoAnObjectWhoseEntryIsNotDurableSurvives() {
    tester.write(0, 512, 1);
    assertThat(now(tester.begin(0, 1024, 2, true))).isEqualTo(ResultCode.SUCCESS);
    host.losePower();
    tester.check();
  }

  @Test
  void durableFirstWriteSurvives() {
    assertThat(now(tester.begin(2L * OBJECT + 5, 100, 2, true))).isEqualTo(ResultCode.SUCCESS);
    host.losePower();
    tester.check();
  }

  @Test
  void durableWriteAfterAFlushDoesNotTouchTheIndexAgain() {
    tester.write(0, 512, 1);
    now(volume.flush());
    host.requests().clear();
    now(tester.begin(0, 512, 2, true));
    assertThat(host.requests()).hasSize(1);
  }

  @Test
  void anEntryThatIsWrittenDuringAFlushIsStillSeenTo() {
    tester.write(0, 512, 1);
    host.hold(request -> request.operation() == Opcode.FLUSH_VDI);
    CompletionStage<ResultCode> flush = volume.flush();
    tester.write(OBJECT, 512, 1);
    host.fail(Map.of(Opcode.FLUSH_VDI, ResultCode.EIO));
    host.release();
    assertThat(now(flush)).isEqualTo(ResultCode.EIO);
    host.fail(Map.of());
    now(tester.begin(0, 512, 3, true));
    now(tester.begin(OBJECT, 512, 4, true));
    host.losePower();
    tester.check();
  }

  @Test
  void discardOfWholeObjectsGivesThemBackAtOnce() {
    tester.write(0, 4 * OBJECT, 1);
    assertThat(now(volume.discard(100, 3L * OBJECT))).isEqualTo(ResultCode.SUCCESS);
    assertThat(host.objects())
        .containsExactlyInAnyOrder(ObjectId.data(alice, 0), ObjectId.data(alice, 3));
    tester.expectZeros(OBJECT, 2L * OBJECT);
    tester.check();
  }

  @Test
  void zerosOverWholeObjectsGiveThemBackAndTheRestIsWritten() {
    tester.write(0, 4 * OBJECT, 1);
    tester.zero(10, 2L * OBJECT + 90, VolumeTester.PUNCH);
    tester.check();
    assertThat(host.owner(alice, 1)).isZero();
    assertThat(host.owner(alice, 0)).isEqualTo(alice.value());
  }

  @Test
  void theLastObjectGoesAsAWholeThoughItReachesBeyondTheEnd() {
    tester.write(0, (int) SIZE, 1);
    assertThat(now(volume.discard(0, SIZE))).isEqualTo(ResultCode.SUCCESS);
    assertThat(host.objects()).isEmpty();
  }

  @Test
  void zerosWhereNothingIsTakeNoSpace() {
    tester.zero(5, 3L * OBJECT, VolumeTester.PUNCH);
    assertThat(host.objects()).isEmpty();
  }

  @Test
  void zerosThatShallHaveTheirSpaceGetIt() {
    tester.write(OBJECT, OBJECT, 1);
    tester.zero(5, 2L * OBJECT, VolumeTester.ALLOCATE);
    tester.check();
    assertThat(tester.status().get(0)).isEqualTo(new Extent(3L * OBJECT, true));
  }

  @Test
  void zerosThatShallHaveTheirSpaceAreWrittenByteForByte() {
    tester.write(OBJECT, OBJECT, 1);
    host.requests().clear();
    tester.zero(5, 3L * OBJECT, VolumeTester.ALLOCATE);
    tester.zero(0, OBJECT, VolumeTester.ALLOCATE);
    tester.check();
    long written =
        host.requests().stream()
            .filter(request -> request.carriesPayload())
            .filter(request -> ((ObjectBody) request.body()).oid().kind() == ObjectKind.DATA)
            .mapToLong(Request::dataLength)
            .sum();
    assertThat(written).as("a file that is not sparse there").isEqualTo(4L * OBJECT);
  }

  @Test
  void zerosThatShallHaveTheirSpaceAreNeverFast() {
    ZeroMode both = new ZeroMode(true, true, false);
    tester.write(0, OBJECT, 1);
    host.requests().clear();
    assertThat(now(volume.zero(0, OBJECT, both))).isEqualTo(ResultCode.NO_SUPPORT);
    assertThat(now(volume.zero(2L * OBJECT, OBJECT, both))).isEqualTo(ResultCode.NO_SUPPORT);
    assertThat(host.requests()).isEmpty();
    tester.check();
  }

  @Test
  void fastZerosAreRefusedWhereTheyWouldHaveToBeWritten() {
    tester.write(0, 2 * OBJECT, 1);
    assertThat(now(volume.zero(0, OBJECT + 1, VolumeTester.FAST))).isEqualTo(ResultCode.NO_SUPPORT);
    tester.check();
    tester.zero(0, OBJECT, VolumeTester.FAST);
    tester.zero(3L * OBJECT + 1, 17, VolumeTester.FAST);
    tester.check();
  }

  @Test
  void aSnapshotOfTheRunningVolumeIsNotNoticed() {
    tester.write(0, 2 * OBJECT, 1);
    host.snapshot("Alice", "one");
    tester.write(100, 1000, 2);
    tester.write(4L * OBJECT, 10, 3);
    tester.check();
    VolumeTester old = VolumeTester.open(volumes, "Alice@one", "10.0.0.2");
    assertThat(old.read(0, 100)[99]).isEqualTo((byte) (1 + 99 % 7));
    assertThat(old.read(100, 1)[0]).isEqualTo((byte) (1 + 100 % 7));
    assertThat(old.read(4L * OBJECT, 10)).containsOnly(0);
  }

  @Test
  void aSnapshotBetweenTheObjectAndItsEntryIsFollowed() {
    host.hold(
        request ->
            request.operation() == Opcode.WRITE_OBJ && oid(request).kind() == ObjectKind.INODE);
    CompletionStage<ResultCode> write = tester.begin(10, 500, 1, false);
    host.snapshot("Alice", "one");
    host.release();
    assertThat(now(write)).isEqualTo(ResultCode.SUCCESS);
    tester.check();
    assertThat(VolumeTester.open(volumes, "Alice@one", "x").read(0, OBJECT)).containsOnly(0);
  }

  @Test
  void discardAfterASnapshotLeavesTheSnapshotAlone() {
    tester.write(0, 2 * OBJECT, 1);
    host.snapshot("Alice", "one");
    now(volume.discard(0, OBJECT));
    tester.expectZeros(0, OBJECT);
    tester.check();
    assertThat(VolumeTester.open(volumes, "Alice?readonly", "x").read(0, OBJECT)).containsOnly(0);
    assertThat(VolumeTester.open(volumes, "Alice@one", "x").read(0, 1)[0]).isEqualTo((byte) 1);
  }

  @Test
  void withoutItsLockNothingWorksAnyMore() {
    tester.write(0, 512, 1);
    host.unlock("Alice");
    host.requests().clear();
    assertThat(now(tester.begin(0, 512, 1, false))).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(now(volume.read(0, 512)).code()).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(now(volume.flush())).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(now(volume.discard(0, OBJECT))).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(now(volume.status(0, OBJECT)).code()).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(host.requests()).isEmpty();
  }

  @Test
  void afterAFailedWriteOfTheIndexTheTruthIsLookedUp() {
    host.fail(Map.of(Opcode.WRITE_OBJ, ResultCode.NO_SPACE));
    assertThat(now(tester.begin(0, 512, 1, false))).isEqualTo(ResultCode.NO_SPACE);
    host.fail(Map.of());
    tester.expectZeros(0, 512);
    tester.check();
    tester.write(0, 512, 2);
    tester.check();
  }

  @Test
  void aReadThatMeetsADiscardSeesZeros() {
    tester.write(0, OBJECT, 1);
    host.hold(request -> request.operation() == Opcode.READ_OBJ);
    CompletionStage<VolumeRead> read = volume.read(0, 512);
    now(volume.discard(0, OBJECT));
    host.release();
    VolumeRead result = now(read);
    assertThat(result.code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(result.pieces()).containsExactly(new Piece(0, 512, null));
  }

  @Test
  void aThousandRandomChangesWithSnapshotsInBetweenReadBack() {
    for (long seed = 1; seed <= 3; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 300; i++) {
        long offset = random.nextLong(SIZE);
        int length = (int) Math.min(SIZE - offset, 1 + random.nextInt(2 * OBJECT));
        switch (random.nextInt(8)) {
          case 0 -> tester.zero(offset, length, VolumeTester.PUNCH);
          case 1 -> tester.zero(offset, length, VolumeTester.ALLOCATE);
          case 2 -> {
            long from = (offset + OBJECT - 1) / OBJECT * OBJECT;
            long end = offset + length == SIZE ? SIZE : (offset + length) / OBJECT * OBJECT;
            now(volume.discard(offset, length));
            tester.expectZeros(from, Math.max(0, end - from));
          }
          case 3 -> {
            if (i % 16 == 3) {
              host.snapshot("Alice", "s" + seed + "-" + i);
            }
          }
          default -> tester.write(offset, length, i);
        }
      }
      tester.check();
      now(volume.flush());
      host.losePower();
      tester.check();
    }
  }

  private static ObjectId oid(Request request) {
    return ((ObjectBody) request.body()).oid();
  }
}
