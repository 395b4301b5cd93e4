package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is synced when, how often, and what follows when that fails. */
@Timeout(60)
class StoreSyncTest {
  private static final VdiId VID = new VdiId(0x15d167);
  private static final ObjectId OID = ObjectId.data(VID, 3);
  private static final ObjectAttributes ATTRIBUTES =
      new ObjectAttributes(1 << 20, 2, 0, new Epoch(1));

  @TempDir Path base;
  private final RecordingDisk disk = new RecordingDisk();
  private OpenedStore opened;

  @BeforeEach
  void open() {
    opened = new OpenedStore(base.resolve("store"), StoreOptions.defaults(), disk);
    disk.calls.clear();
  }

  @AfterEach
  void close() {
    disk.interceptor = call -> {};
    opened.close();
  }

  @Test
  void creationMakesMarkThenFileThenNameDurable() {
    assertThat(create(OID)).isEqualTo(StoreStatus.OK);
    assertThat(disk.calls)
        .containsExactly(
            "write dirty",
            "sync dirty",
            "create " + OID + ".tmp",
            "write " + OID + ".tmp",
            "sync-all " + OID + ".tmp",
            "rename " + OID + ".tmp " + OID,
            "sync-directory obj");
  }

  @Test
  void firstWriteToACleanObjectIsMarkedDurablyBeforeItIsApplied() {
    create(OID);
    assertThat(markClean()).isEqualTo(StoreStatus.OK);
    disk.calls.clear();
    write(OID, true);
    assertThat(disk.calls)
        .containsExactly("write dirty", "sync dirty", "write " + OID, "sync " + OID);
    disk.calls.clear();
    write(OID, true);
    assertThat(disk.calls).containsExactly("write " + OID, "sync " + OID);
  }

  /** An earlier process may have been killed with the data in the page cache. */
  @Test
  void whatWasDirtyWhenTheStoreWasOpenedIsSyncedOnce() {
    create(OID);
    opened.close();
    opened = new OpenedStore(base.resolve("store"), StoreOptions.defaults(), disk);
    disk.calls.clear();
    assertThat(opened.loop.complete(() -> opened.store().objects().sync(OID.vid())))
        .isEqualTo(StoreStatus.OK);
    assertThat(disk.calls).containsExactly("sync " + OID);
    disk.calls.clear();
    assertThat(opened.loop.complete(() -> opened.store().objects().sync(OID.vid())))
        .isEqualTo(StoreStatus.OK);
    assertThat(disk.calls).isEmpty();
  }

  private StoreStatus markClean() {
    return opened.loop.complete(() -> StoreAction.markClean(opened.store().objects(), OID));
  }

  @Test
  void markTakenAwayIsSetAgainByAWriteThatWaitedBehind() {
    create(OID);
    long version = opened.loop.complete(() -> opened.store().objects().digest(OID)).version();
    List<CompletionStage<StoreStatus>> pending = new ArrayList<>();
    disk.calls.clear();
    opened.loop.run(
        () -> {
          pending.add(opened.store().objects().markClean(OID, version));
          pending.add(submitWrite(OID, true));
        });
    pending.forEach(
        stage -> assertThat(opened.loop.complete(() -> stage)).isEqualTo(StoreStatus.OK));
    assertThat(opened.store().objects().dirtyObjects()).containsExactly(OID);
    assertThat(disk.calls.indexOf("sync dirty"))
        .isBetween(0, disk.calls.lastIndexOf("write " + OID));
  }

  @Test
  void objectIsNotTouchedWhenItsMarkCannotBeMadeDurable() {
    create(OID);
    assertThat(markClean()).isEqualTo(StoreStatus.OK);
    disk.calls.clear();
    disk.interceptor = failing("sync dirty");
    assertThat(write(OID, true)).isEqualTo(StoreStatus.IO_ERROR);
    assertThat(disk.calls).doesNotContain("write " + OID);
    disk.interceptor = call -> {};
    assertThat(write(OID, true)).as("never retried in silence").isEqualTo(StoreStatus.IO_ERROR);
  }

  @Test
  void durableWritesThatWaitTogetherShareOneSync() throws InterruptedException {
    create(OID);
    disk.calls.clear();
    List<CompletionStage<StoreStatus>> writes =
        whileStuckAt("write " + OID, () -> submitWrite(OID, true), 50);
    for (CompletionStage<StoreStatus> write : writes) {
      assertThat(opened.loop.complete(() -> write)).isEqualTo(StoreStatus.OK);
    }
    assertThat(disk.count("write " + OID)).isEqualTo(51);
    assertThat(disk.count("sync " + OID)).isEqualTo(2);
  }

  @Test
  void creationsThatWaitTogetherShareMarkAndDirectorySyncs() throws InterruptedException {
    int[] next = {0};
    OpenedStore one =
        new OpenedStore(base.resolve("one"), new StoreOptions(false, 1, 8, 1024, 1 << 20), disk);
    try {
      disk.calls.clear();
      CountDownLatch stuck = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      disk.interceptor = stuckAt("sync dirty", stuck, goOn);
      List<CompletionStage<StoreStatus>> pending = new ArrayList<>();
      one.loop.run(() -> pending.add(createIn(one, ObjectId.data(VID, next[0]++))));
      assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
      one.loop.run(
          () -> {
            while (next[0] <= 40) {
              pending.add(createIn(one, ObjectId.data(VID, next[0]++)));
            }
          });
      goOn.countDown();
      for (CompletionStage<StoreStatus> stage : pending) {
        assertThat(one.loop.complete(() -> stage)).isEqualTo(StoreStatus.OK);
      }
      assertThat(disk.count("sync dirty")).isEqualTo(2);
      assertThat(disk.count("sync-directory obj")).isEqualTo(2);
      assertThat(disk.calls.stream().filter(call -> call.startsWith("sync-all"))).hasSize(41);
    } finally {
      one.close();
    }
  }

  @Test
  void cachedWriteIsSyncedOnlyByFlush() {
    create(OID);
    disk.calls.clear();
    write(OID, false);
    assertThat(disk.calls).containsExactly("write " + OID);
    assertThat(sync(new VdiId(5))).isEqualTo(StoreStatus.OK);
    assertThat(disk.count("sync " + OID)).isZero();
    assertThat(sync(VID)).isEqualTo(StoreStatus.OK);
    assertThat(sync(VID)).isEqualTo(StoreStatus.OK);
    assertThat(disk.count("sync " + OID)).isEqualTo(1);
  }

  @Test
  void unsyncedFilesAreSyncedBeforeTheyAreClosedForOthers() {
    OpenedStore small =
        new OpenedStore(base.resolve("small"), new StoreOptions(false, 1, 2, 1024, 1 << 20), disk);
    try {
      for (int i = 0; i < 5; i++) {
        ObjectId oid = ObjectId.data(VID, i);
        small.loop.complete(() -> createIn(small, oid));
        small.loop.complete(() -> writeIn(small, oid, false));
      }
      assertThat(disk.count("sync " + ObjectId.data(VID, 0))).isEqualTo(1);
      assertThat(disk.count("sync " + ObjectId.data(VID, 4))).isZero();
    } finally {
      small.close();
    }
  }

  @Test
  void failedSyncEndsTheUseOfTheDisk() {
    create(OID);
    ObjectId other = ObjectId.data(VID, 4);
    create(other);
    AtomicInteger told = new AtomicInteger();
    opened.store().objects().onFailure(told::incrementAndGet);
    disk.interceptor = failing("sync " + OID);
    assertThat(write(OID, true)).isEqualTo(StoreStatus.IO_ERROR);
    disk.interceptor = call -> {};
    disk.calls.clear();

    assertThat(opened.store().objects().failure()).contains("sync", OID.toString());
    assertThat(sync(VID)).isEqualTo(StoreStatus.IO_ERROR);
    assertThat(write(OID, true)).isEqualTo(StoreStatus.IO_ERROR);
    assertThat(write(other, false)).isEqualTo(StoreStatus.IO_ERROR);
    assertThat(create(ObjectId.data(VID, 5))).isEqualTo(StoreStatus.IO_ERROR);
    assertThat(opened.loop.complete(() -> opened.store().objects().remove(other)))
        .isEqualTo(StoreStatus.IO_ERROR);
    assertThat(opened.loop.complete(() -> opened.store().meta().saveRecovery(RecoveryMark.NONE)))
        .isEqualTo(StoreStatus.IO_ERROR);
    assertThat(disk.calls).as("what the disk is asked for").isEmpty();
    assertThat(told).hasValue(1);
  }

  @Test
  void ofADiskThatHasFailedIsReadWhatTheFailureDidNotHit() {
    create(OID);
    ObjectId other = ObjectId.data(VID, 4);
    create(other);
    disk.interceptor = failing("write " + OID);
    assertThat(write(OID, true)).isEqualTo(StoreStatus.IO_ERROR);
    disk.interceptor = call -> {};

    assertThat(readStatus(OID)).as("what was hit").isEqualTo(StoreStatus.IO_ERROR);
    assertThat(readByte(other)).isEqualTo((byte) 'c');
    assertThat(opened.loop.complete(() -> opened.store().objects().digest(other)).status())
        .isEqualTo(StoreStatus.OK);
  }

  @Test
  void errorThatIsNotTheDisksLeavesItInUse() {
    create(OID);
    disk.interceptor =
        call -> {
          if (call.equals("write " + OID)) {
            throw new IOException("Too many open files (injected)");
          }
        };
    assertThat(write(OID, true)).isEqualTo(StoreStatus.IO_ERROR);
    disk.interceptor = call -> {};

    assertThat(opened.store().objects().failure()).isNull();
    assertThat(write(OID, true)).isEqualTo(StoreStatus.OK);
  }

  @Test
  void creationThatFailsAnywhereBeforeTheRenameLeavesTheOldObject() throws IOException {
    create(OID);
    write(OID, true);
    for (String call :
        List.of(
            "create " + OID + ".tmp",
            "write " + OID + ".tmp",
            "sync-all " + OID + ".tmp",
            "rename " + OID + ".tmp " + OID)) {
      disk.interceptor =
          made -> {
            if (made.equals(call)) {
              throw new IOException("Too many open files (injected)");
            }
          };
      assertThat(create(OID)).as(call).isEqualTo(StoreStatus.IO_ERROR);
      disk.interceptor = ignored -> {};
      assertThat(readByte(OID)).as(call).isEqualTo((byte) 'w');
      assertThat(StoreOpenTest.tree(base.resolve("store/obj")))
          .as(call)
          .containsExactly(".stale", OID.toString());
    }
  }

  @Test
  void withoutSyncingNothingIsSynced() throws Exception {
    // Counted by the kernel's own measure: the disk whose syncs do nothing is the real one.
    Disk unsynced = Disk.real(true);
    Path file = base.resolve("file");
    try (var channel = unsynced.create(file)) {
      channel.close();
      // A real force on a closed channel throws.
      unsynced.syncData(channel, file);
      unsynced.syncAll(channel, file);
      unsynced.syncDirectory(base.resolve("missing"));
    }
    try (OpenedStore fast =
        new OpenedStore(base.resolve("fast"), StoreOptions.defaults().withNosync(true), unsynced)) {
      assertThat(fast.loop.complete(() -> createIn(fast, OID))).isEqualTo(StoreStatus.OK);
      assertThat(fast.loop.complete(() -> writeIn(fast, OID, true))).isEqualTo(StoreStatus.OK);
      assertThat(fast.store().objects().dirtyObjects()).containsExactly(OID);
    }
  }

  private List<CompletionStage<StoreStatus>> whileStuckAt(
      String call, java.util.function.Supplier<CompletionStage<StoreStatus>> submit, int more)
      throws InterruptedException {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    disk.interceptor = stuckAt(call, stuck, goOn);
    List<CompletionStage<StoreStatus>> pending = new ArrayList<>();
    opened.loop.run(() -> pending.add(submit.get()));
    assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
    opened.loop.run(
        () -> {
          for (int i = 0; i < more; i++) {
            pending.add(submit.get());
          }
        });
    goOn.countDown();
    return pending;
  }

  private static RecordingDisk.Interceptor stuckAt(
      String where, CountDownLatch stuck, CountDownLatch goOn) {
    return call -> {
      if (call.equals(where)) {
        stuck.countDown();
        try {
          if (!goOn.await(20, TimeUnit.SECONDS)) {
            throw new IOException("the test does not go on");
          }
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    };
  }

  private static RecordingDisk.Interceptor failing(String where) {
    return call -> {
      if (call.equals(where)) {
        throw new IOException("Input/output error (injected)");
      }
    };
  }

  private StoreStatus create(ObjectId oid) {
    return opened.loop.complete(() -> createIn(opened, oid));
  }

  private StoreStatus write(ObjectId oid, boolean durable) {
    return opened.loop.complete(() -> submitWrite(oid, durable));
  }

  private CompletionStage<StoreStatus> submitWrite(ObjectId oid, boolean durable) {
    return writeIn(opened, oid, durable);
  }

  private StoreStatus sync(VdiId vid) {
    return opened.loop.complete(() -> opened.store().objects().sync(vid));
  }

  private StoreStatus readStatus(ObjectId oid) {
    return opened.loop.complete(
        () -> opened.store().objects().read(oid, 0, 1).thenApply(ReadOutcome::status));
  }

  private byte readByte(ObjectId oid) {
    return opened.loop.complete(
        () ->
            opened
                .store()
                .objects()
                .read(oid, 0, 1)
                .thenApply(
                    outcome -> {
                      byte first = outcome.data().readByte();
                      outcome.data().release();
                      return first;
                    }));
  }

  private static CompletionStage<StoreStatus> createIn(OpenedStore opened, ObjectId oid) {
    ObjectStore objects = opened.store().objects();
    ByteBuf data = Unpooled.wrappedBuffer(new byte[] {'c'});
    try {
      return objects.create(oid, ATTRIBUTES, 0, data);
    } finally {
      data.release();
    }
  }

  private static CompletionStage<StoreStatus> writeIn(
      OpenedStore opened, ObjectId oid, boolean durable) {
    ByteBuf data = Unpooled.wrappedBuffer(new byte[] {'w'});
    try {
      return opened.store().objects().write(oid, 0, data, durable);
    } finally {
      data.release();
    }
  }
}
