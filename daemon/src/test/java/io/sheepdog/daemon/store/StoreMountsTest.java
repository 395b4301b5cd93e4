package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.daemon.store.StoreOpenException.Reason;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  void fullDiskRefusesWritesKeepsWhatIsThereAndRecovers() throws Exception {
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

      ObjectId sparse = ObjectId.data(VID, 1000);
      opened.loop.complete(() -> opened.store().objects().remove(stored.remove(0)));
      assertThat(create(opened, sparse, 1, 1)).isEqualTo(StoreStatus.OK);
      StoreStatus written = StoreStatus.OK;
      for (int i = 0; i < 4 && written == StoreStatus.OK; i++) {
        written = write(opened, sparse, (long) i * MIB, MIB);
      }
      assertThat(written).isEqualTo(StoreStatus.NO_SPACE);

      opened.loop.complete(() -> opened.store().objects().remove(stored.remove(0)));
      opened.loop.complete(() -> opened.store().objects().remove(stored.remove(0)));
      assertThat(write(opened, sparse, 0, MIB / 2)).isEqualTo(StoreStatus.OK);
      opened.reopen();
      for (ObjectId oid : stored) {
        assertThat(lastByte(opened, oid)).isEqualTo((byte) oid.index());
      }
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
