package io.sheepdog.core.block;

import static io.sheepdog.core.block.VolumeTester.now;
import static io.sheepdog.core.block.VolumeTester.open;
import static io.sheepdog.core.block.VolumeTester.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.block.Opening.Reason;
import io.sheepdog.core.block.Opening.Refused;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory for indexes, however many clients open however large VDIs. */
@Timeout(60)
final class IndexBoundsTest {
  private static final long OBJECT = MemoryBlockHost.OBJECT;
  private static final int PAGE = SnapshotIndexes.PAGE;
  private static final long PAGE_BYTES = 4L * PAGE;

  private final MemoryBlockHost host = new MemoryBlockHost();
  private final BlockVolumes volumes = new BlockVolumes(host, new ManualScheduler(), 1 << 20);

  /** A snapshot with data everywhere, of that many pages. */
  private VdiEntry snapshot(String name, int pages) {
    VdiId vid = host.create(name, pages * PAGE * OBJECT);
    host.fill(vid);
    host.snapshot(name, "noon");
    host.requests().clear();
    return Objects.requireNonNull(host.state().directory().entry(vid));
  }

  private ObjectIo io() {
    return new ObjectIo(host, host.openSession("a"));
  }

  private long reads() {
    return host.count(Opcode.READ_OBJ);
  }

  private static ResultCode read(SnapshotIndexes indexes, ObjectIo io, VdiEntry of, int page) {
    return now(indexes.view(io, of, page * PAGE, (page + 1) * PAGE)).code();
  }

  @Test
  void allWhoOpenASnapshotShareItsIndexOfWhichOnlyThePagesAreReadThatAreNeeded() {
    snapshot("big", 8);
    open(volumes, "big@noon", "a");
    long first = reads();
    for (int i = 0; i < 200; i++) {
      open(volumes, "big@noon", "a" + i);
    }
    assertThat(reads()).isEqualTo(first).isLessThanOrEqualTo(2);
    BlockVolume volume = open(volumes, "big@noon", "b").volume;
    VolumeStatus status = now(volume.status(5 * PAGE * OBJECT - OBJECT, 2 * OBJECT));
    assertThat(status.extents()).containsExactly(new Extent(2 * OBJECT, true));
    assertThat(reads()).isEqualTo(first + 4);
  }

  @Test
  void thePagesThatAreKeptAreBoundedAndTheLeastRecentlyUsedGo() {
    VdiEntry big = snapshot("big", 40);
    SnapshotIndexes indexes = new SnapshotIndexes(20 * PAGE_BYTES);
    ObjectIo io = io();
    for (int page = 0; page < 40; page++) {
      assertThat(read(indexes, io, big, page)).isEqualTo(ResultCode.SUCCESS);
      assertThat(read(indexes, io, big, 0)).isEqualTo(ResultCode.SUCCESS);
      assertThat(indexes.size()).isLessThanOrEqualTo(20);
    }
    host.requests().clear();
    read(indexes, io, big, 0);
    read(indexes, io, big, 39);
    assertThat(reads()).isZero();
    read(indexes, io, big, 1);
    assertThat(reads()).isEqualTo(2);
  }

  @Test
  void whoAsksForAPageThatIsBeingReadWaitsForIt() {
    snapshot("big", 2);
    BlockVolume one = open(volumes, "big@noon", "a").volume;
    BlockVolume two = open(volumes, "big@noon", "b").volume;
    host.requests().clear();
    host.hold(request -> true);
    var first = one.status(PAGE * OBJECT, OBJECT).toCompletableFuture();
    var second = two.status(PAGE * OBJECT, OBJECT).toCompletableFuture();
    assertThat(first).isNotDone();
    host.release();
    assertThat(first.join().extents()).containsExactly(new Extent(OBJECT, true));
    assertThat(second.join()).isEqualTo(first.join());
    assertThat(reads()).isEqualTo(2);
  }

  @Test
  void theIndexOfADeletedSnapshotIsNotTakenForHoles() {
    VdiEntry big = snapshot("big", 2);
    BlockVolume volume = open(volumes, "big@noon", "a").volume;
    host.delete(big.vid());
    assertThat(now(volume.status(PAGE * OBJECT, OBJECT)).code()).isEqualTo(ResultCode.NO_VDI);
    assertThat(now(volume.read(PAGE * OBJECT, 512)).code()).isEqualTo(ResultCode.NO_VDI);
    assertThat(now(volume.read(0, 512)).code()).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aPageThatCouldNotBeReadIsReadAgain() {
    snapshot("big", 2);
    host.fail(Map.of(Opcode.READ_OBJ, ResultCode.HALT));
    assertThat(refusal(volumes, "big@noon", "a").text()).contains("its inode cannot be read");
    host.fail(Map.of());
    open(volumes, "big@noon", "a");
  }

  @Test
  void aVidThatWasGivenAgainAfterAFormatHasAnIndexOfItsOwn() {
    VdiEntry old = snapshot("big", 1);
    SnapshotIndexes indexes = new SnapshotIndexes(1 << 20);
    ObjectIo io = io();
    read(indexes, io, old, 0);
    VdiEntry young =
        new VdiEntry(
            old.vid(),
            old.state(),
            old.name(),
            old.tag(),
            old.snapshotId(),
            old.parent(),
            new SheepTime(old.createTime().wire() + 1),
            old.snapshotTime(),
            old.size(),
            0,
            0,
            1,
            0,
            0,
            old.blockSizeShift());
    host.requests().clear();
    read(indexes, io, young, 0);
    assertThat(host.requests()).isNotEmpty();
  }

  @Test
  void aWorkingVdiForWhoseIndexThereIsNoRoomIsRefusedWithWhatToDo() {
    host.create("one", 100 * PAGE * OBJECT);
    host.create("two", 100 * PAGE * OBJECT);
    VolumeTester one = open(volumes, "one", "a");
    Refused refused = refusal(volumes, "two", "b");
    assertThat(refused.reason()).isEqualTo(Reason.FAILED);
    assertThat(refused.text()).contains("'two'", "more memory", "-Xmx2g");
    assertThat(host.isLocked("two")).isFalse();
    one.open.close(true);
    open(volumes, "two", "b");
  }

  @Test
  void theIndexOfAWorkingVdiIsReadInPiecesThatAreSmall() {
    host.create("one", 100 * PAGE * OBJECT);
    open(volumes, "one", "a");
    assertThat(host.requests())
        .filteredOn(request -> request.operation() == Opcode.READ_OBJ)
        .hasSize(25)
        .allMatch(request -> request.dataLength() <= BlockVolumes.OPENING_BYTES);
  }

  @Test
  void aVdiThatHasGrownNeedsRoomForMoreWhenItIsOpenedAgain() {
    BlockClient process = BlockClient.ofProcess("a", 7);
    host.create("one", 100 * PAGE * OBJECT);
    host.create("two", 50 * PAGE * OBJECT);
    open(volumes, "one", process);
    VolumeTester two = open(volumes, "two", "b");
    host.resize("one", 150 * PAGE * OBJECT);
    assertThat(((Refused) now(volumes.open("one", process))).text()).contains("more memory");
    two.open.close(true);
    assertThat(open(volumes, "one", process).open.info().size()).isEqualTo(150 * PAGE * OBJECT);
  }
}
