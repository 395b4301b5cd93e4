package io.sheepdog.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.sim.store.ForwardingStore;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class DiskRoomTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private static StoreSpace disk(long fileSystem, long free) {
    return new StoreSpace(fileSystem, free, fileSystem - free, fileSystem);
  }

  @Test
  void recoveryMayUseNinetyPerCentOfTheFileSystem() {
    assertThat(DiskRoom.creditOf(disk(1000, 1000), false)).isEqualTo(900);
    assertThat(DiskRoom.creditOf(disk(1000, 101), false)).isEqualTo(1);
    assertThat(DiskRoom.creditOf(disk(1000, 100), false)).isZero();
    assertThat(DiskRoom.creditOf(disk(1000, 0), false)).isEqualTo(-100);
  }

  @Test
  void whoWaitsGoesOnOnlyWithSomeMoreRoom() {
    assertThat(DiskRoom.creditOf(disk(1000, 110), true)).isEqualTo(-10);
    assertThat(DiskRoom.creditOf(disk(1000, 121), true)).isEqualTo(1);
  }

  @Test
  void whatOthersHaveOnTheFileSystemCounts() {
    assertThat(DiskRoom.creditOf(new StoreSpace(150, 100, 50, 1000), false)).isZero();
  }

  @Test
  void theLargestDisksAreReckonedWithoutOverflow() {
    long exbi = 1L << 60;
    assertThat(DiskRoom.creditOf(disk(exbi, exbi), false)).isBetween(exbi / 100 * 89, exbi);
  }

  /** A disk that clients fill while recovery goes on. */
  @Test
  void whatClientsWriteMeanwhileIsSeenSoon() {
    EventQueue queue = new EventQueue();
    SimProcess process = new SimProcess(queue, "node", 12345);
    WorkBounds bounds = new WorkBounds(process, () -> false);
    StoreSpace[] space = {disk(GIB, GIB)};
    List<StoreSpace> held = new ArrayList<>();
    int[] goesOn = {0};
    ObjectStore store =
        new ForwardingStore(
            new MemoryObjectStore(
                new StoreContents(),
                process,
                new SplittableRandom(1),
                Delays.DISK,
                UnpooledByteBufAllocator.DEFAULT,
                StoreWatcher.NONE)) {
          @Override
          public CompletionStage<StoreSpace> space() {
            return CompletableFuture.completedFuture(space[0]);
          }
        };
    DiskRoom room = new DiskRoom(store, process, bounds, () -> {}, held::add, () -> goesOn[0]++);
    assertThat(room.take(MIB)).isTrue();

    space[0] = disk(GIB, GIB / 20);
    int taken = 1;
    while (room.take(MIB)) {
      taken++;
    }
    assertThat(taken).isLessThan(11);
    assertThat(held).containsExactly(space[0]);
    assertThat(room.isHeld()).isTrue();

    space[0] = disk(GIB, GIB / 2);
    while (queue.runNext() && room.isHeld()) {
      room.take(MIB);
    }
    assertThat(room.take(MIB)).isTrue();
    assertThat(room.isHeld()).isFalse();
    assertThat(goesOn[0]).isEqualTo(1);
    assertThat(held).hasSize(1);
  }
}
