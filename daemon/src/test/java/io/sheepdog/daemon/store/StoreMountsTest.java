package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.daemon.store.StoreOpenException.Reason;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real file systems that lack something or are full. Needs root. */
@Tag("mounts")
@Timeout(120)
class StoreMountsTest {
  private static final VdiId VID = new VdiId(7);
  private static final int MIB = 1 << 20;

  @TempDir Path base;

  @Test
  void ramfsWithoutAttributesIsRefusedAndLeftAsItIs() throws Exception {
    try (MountedFileSystem ramfs = MountedFileSystem.ramfs(base)) {
      assertNoAttributes(ramfs.directory, "ramfs");
      assertNoAttributes(ramfs.directory.resolve("store"), "ramfs");
    }
  }

  /**
   * Kernels differ: newer ones switch the feature on at the first attribute. So the store tries
   * instead of looking at features, and must come to the same result as a plain attempt.
   */
  @Test
  void ext4MadeWithoutAttributesIsJudgedByWhatItDoes() throws Exception {
    try (MountedFileSystem ext4 = MountedFileSystem.ext4(base, 8, "-O", "^ext_attr")) {
      Path file = Files.createFile(ext4.directory.resolve("lost+found").resolve("try"));
      boolean works;
      try {
        Files.setAttribute(file, "user:any", ByteBuffer.wrap(new byte[] {1}));
        works = true;
      } catch (IOException refused) {
        works = false;
      }
      Files.delete(file);
      if (works) {
        try (OpenedStore opened = new OpenedStore(ext4.directory)) {
          assertThat(create(opened, ObjectId.data(VID, 1), 10, 1)).isEqualTo(StoreStatus.OK);
        }
      } else {
        assertNoAttributes(ext4.directory, "ext4");
      }
    }
  }

  @Test
  void fileSystemMountedReadOnlyIsRefused() throws Exception {
    try (MountedFileSystem ext4 = MountedFileSystem.ext4(base, 8)) {
      ext4.makeReadOnly();
      for (Path path : List.of(ext4.directory, ext4.directory.resolve("store"))) {
        StoreOpenException refused =
            catchThrowableOfType(
                StoreOpenException.class,
                () -> FileStore.open(path, StoreOptions.defaults(), Runnable::run).close());
        assertThat(refused).isNotNull();
        assertThat(refused.reason()).isEqualTo(Reason.NOT_WRITABLE);
        assertThat(refused).hasMessageContaining(path + " cannot be written");
      }
    }
  }

  private static void assertNoAttributes(Path path, String type) throws Exception {
    boolean existed = Files.exists(path);
    StoreOpenException refused =
        catchThrowableOfType(
            StoreOpenException.class,
            () -> FileStore.open(path, StoreOptions.defaults(), Runnable::run).close());
    assertThat(refused).isNotNull();
    assertThat(refused.reason()).isEqualTo(Reason.NO_XATTRS);
    assertThat(refused).hasMessageContaining("user_xattr").hasMessageContaining("(" + type + ")");
    assertThat(Files.exists(path)).isEqualTo(existed);
    if (existed) {
      assertThat(StoreOpenTest.tree(path)).isSubsetOf("lost+found");
    }
  }

  @Test
  void fullDiskRefusesNewObjectsAndKeepsWhatIsThere() throws Exception {
    try (MountedFileSystem ext4 = MountedFileSystem.ext4(base, 16);
        OpenedStore opened = new OpenedStore(ext4.directory.resolve("store"))) {
      List<ObjectId> stored = new ArrayList<>();
      StoreStatus status = StoreStatus.OK;
      for (int i = 0; i < 64 && status == StoreStatus.OK; i++) {
        ObjectId oid = ObjectId.data(VID, i);
        status = create(opened, oid, MIB, i);
        if (status == StoreStatus.OK) {
          stored.add(oid);
        }
      }
      assertThat(status).isEqualTo(StoreStatus.NO_SPACE);
      assertThat(stored).hasSizeGreaterThan(4);
      assertThat(opened.loop.ask(() -> opened.store().objects().objects())).isEqualTo(stored);
      assertThat(
              Files.exists(
                  ext4.directory.resolve(
                      "store/obj/" + ObjectId.data(VID, stored.size()) + ".tmp")))
          .isFalse();
      for (ObjectId oid : stored) {
        assertThat(lastByte(opened, oid)).isEqualTo((byte) oid.index());
      }

      assertThat(free(ext4)).as("the reserve").isGreaterThan(MIB);
      assertThat(create(opened, stored.get(0), MIB, 0)).as("replaced").isEqualTo(StoreStatus.OK);
    }
  }

  @Test
  void onADiskWithoutAnyRoomRecordsAreStillWrittenAndTheStoreOpensAgain() throws Exception {
    try (MountedFileSystem ext4 = MountedFileSystem.ext4(base, 16);
        OpenedStore opened = new OpenedStore(ext4.directory.resolve("store"))) {
      List<ObjectId> sparse = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sparse.add(ObjectId.data(VID, i));
        assertThat(create(opened, sparse.get(i), 1, 1)).isEqualTo(StoreStatus.OK);
      }
      StoreStatus written = StoreStatus.OK;
      for (int i = 0; i < 8 * 4 && written == StoreStatus.OK; i++) {
        written = write(opened, sparse.get(i / 4), (long) (i % 4) * MIB, MIB);
      }
      assertThat(written).isEqualTo(StoreStatus.NO_SPACE);
      Path filler = ext4.directory.resolve("filler");
      fill(filler);

      assertThat(write(opened, sparse.get(0), 0, MIB)).as("overwrite").isEqualTo(StoreStatus.OK);
      for (int epoch = 1; epoch <= 2; epoch++) {
        EpochRecord record = new EpochRecord(new Epoch(epoch), SheepTime.NONE, List.of());
        assertThat(opened.loop.complete(() -> opened.store().meta().saveEpoch(record)))
            .as("epoch %s", epoch)
            .isEqualTo(StoreStatus.OK);
        fill(filler);
      }
      opened.reopen();
      assertThat(opened.store().meta().epochs()).hasSize(2);
      assertThat(opened.store().objects().dirtyObjects()).isEqualTo(sparse);
      assertThat(write(opened, sparse.get(0), 0, MIB)).as("overwrite").isEqualTo(StoreStatus.OK);

      for (ObjectId oid : sparse.subList(1, 4)) {
        assertThat(opened.loop.complete(() -> opened.store().objects().remove(oid)))
            .isEqualTo(StoreStatus.OK);
      }
      assertThat(write(opened, sparse.get(7), 0, MIB)).as("a hole").isEqualTo(StoreStatus.OK);
      assertThat(create(opened, sparse.get(1), MIB, 1)).isEqualTo(StoreStatus.OK);
    }
  }

  /** 100 copies would not fit if they were copied. */
  @Test
  void copiesShareTheBlocksOfTheirSourceWhereTheFileSystemCan() throws Exception {
    try (MountedFileSystem xfs = MountedFileSystem.xfs(base, 320);
        OpenedStore opened = new OpenedStore(xfs.directory.resolve("store"))) {
      ObjectId source = ObjectId.data(VID, 1);
      assertThat(create(opened, source, 4 * MIB, 7)).isEqualTo(StoreStatus.OK);
      for (boolean isClean : List.of(false, true)) {
        if (isClean) {
          long version = opened.loop.complete(() -> objects(opened).digest(source)).version();
          assertThat(opened.loop.complete(() -> objects(opened).markClean(source, version)))
              .isEqualTo(StoreStatus.OK);
        }
        long before = free(xfs);
        Set<Long> sums = new HashSet<>();
        for (int i = 0; i < 100; i++) {
          CopyOutcome copied =
              copy(opened, ObjectId.data(new VdiId(100 + i), 1), source, i % 2 == 0);
          assertThat(copied.status()).isEqualTo(StoreStatus.OK);
          sums.add(copied.sum());
        }
        assertThat(before - free(xfs)).isLessThan(16 * MIB);
        assertThat(sums).as("of those that were asked for, and 0").hasSize(2);
      }
      ObjectId last = ObjectId.data(new VdiId(199), 1);
      ByteBuf read = opened.loop.complete(() -> objects(opened).read(last, 0, 4 * MIB)).data();
      byte[] expected = new byte[4 * MIB];
      Arrays.fill(expected, (byte) 7);
      Arrays.fill(expected, 70_000, 74_096, (byte) 9);
      assertThat(ByteBufUtil.getBytes(read)).isEqualTo(expected);
      read.release();
      assertThat(lastByte(opened, source)).isEqualTo((byte) 7);
    }
  }

  private static ObjectStore objects(OpenedStore opened) {
    return opened.store().objects();
  }

  private static CopyOutcome copy(
      OpenedStore opened, ObjectId oid, ObjectId source, boolean isSummed) {
    ObjectAttributes attributes = new ObjectAttributes(4 * MIB, 1, 0, new Epoch(1));
    ByteBuf data = filled(4096, 9);
    try {
      return opened.loop.complete(
          () -> objects(opened).copy(oid, attributes, source, 70_000, data, isSummed));
    } finally {
      data.release();
    }
  }

  private static long free(MountedFileSystem fileSystem) throws IOException {
    return Files.getFileStore(fileSystem.directory).getUsableSpace();
  }

  /** Takes the last byte, what ext4 keeps for root included. */
  private static void fill(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      for (int piece = MIB; piece >= 1; piece /= 2) {
        for (boolean fits = true; fits; ) {
          fits = append(channel, piece);
        }
      }
    }
  }

  private static boolean append(FileChannel channel, int bytes) {
    try {
      return channel.write(ByteBuffer.allocate(bytes)) == bytes;
    } catch (IOException full) {
      return false;
    }
  }

  private static StoreStatus create(OpenedStore opened, ObjectId oid, int length, int fill) {
    ByteBuf data = filled(length, fill);
    try {
      ObjectAttributes attributes = new ObjectAttributes(4 * MIB, 1, 0, new Epoch(1));
      return opened.loop.complete(() -> opened.store().objects().create(oid, attributes, 0, data));
    } finally {
      data.release();
    }
  }

  private static StoreStatus write(OpenedStore opened, ObjectId oid, long offset, int length) {
    ByteBuf data = filled(length, 9);
    try {
      return opened.loop.complete(() -> opened.store().objects().write(oid, offset, data, true));
    } finally {
      data.release();
    }
  }

  private static ByteBuf filled(int length, int fill) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) fill);
    return Unpooled.wrappedBuffer(bytes);
  }

  private static byte lastByte(OpenedStore opened, ObjectId oid) {
    return opened.loop.complete(
        () ->
            opened
                .store()
                .objects()
                .read(oid, MIB - 1, 1)
                .thenApply(
                    outcome -> {
                      byte last = outcome.data().readByte();
                      outcome.data().release();
                      return last;
                    }));
  }
}
