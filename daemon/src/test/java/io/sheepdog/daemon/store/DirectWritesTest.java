package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that recovery brings go past the page cache, where that is worth it and possible. */
class DirectWritesTest {
  private static final ObjectId OID = ObjectId.data(new VdiId(0x15d167), 3);
  private static final int OBJECT = 4 << 20;

  @TempDir Path directory;
  private final RecordingDisk disk = new RecordingDisk();
  private OpenedStore opened;

  @BeforeEach
  void open() {
    opened = new OpenedStore(directory.resolve("store"), StoreOptions.defaults(), disk);
    disk.calls.clear();
  }

  @AfterEach
  void close() {
    opened.close();
  }

  @Test
  void aCopyIsWrittenDirectlyAndSyncedBeforeItGetsItsName() {
    assertThat(copy(OBJECT, bytes(OBJECT))).isEqualTo(StoreStatus.OK);
    String temporary = OID + ".tmp";
    Stream<String> writes = disk.calls.stream().filter(("write " + temporary)::equals);
    assertThat(writes.count()).isEqualTo(4);
    assertThat(disk.calls.stream().distinct())
        .containsSubsequence(
            "create-direct " + temporary,
            "write " + temporary,
            "sync-all " + temporary,
            "rename " + temporary + " " + OID,
            "sync-directory obj");
    assertThat(disk.calls).doesNotContain("create " + temporary);
  }

  @Test
  void whatIsThereAreTheBytesAndZerosBehindThem() throws IOException {
    byte[] bytes = bytes((2 << 20) + 777);
    // as it comes from the network: in pieces that end anywhere
    ByteBuf pieces =
        Unpooled.wrappedBuffer(
            Unpooled.wrappedBuffer(bytes, 0, 1_000_001),
            Unpooled.wrappedBuffer(bytes, 1_000_001, 99),
            Unpooled.wrappedBuffer(bytes, 1_000_100, bytes.length - 1_000_100));
    assertThat(copy(OBJECT, pieces)).isEqualTo(StoreStatus.OK);
    assertThat(pieces.readableBytes()).isEqualTo(bytes.length);
    opened.reopen();
    byte[] expected = Arrays.copyOf(bytes, OBJECT);
    assertThat(read(OBJECT)).isEqualTo(expected);
    assertThat(disk.calls).contains("create-direct " + OID + ".tmp");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aCopyReplacesWhatWasRead() {
    StoreStatus created =
        opened.loop.complete(
            () ->
                objects()
                    .create(OID, attributes(OBJECT), 0, Unpooled.wrappedBuffer(bytes(OBJECT))));
    assertThat(created).isEqualTo(StoreStatus.OK);
    assertThat(read(OBJECT)).isEqualTo(bytes(OBJECT));
    byte[] other = new byte[OBJECT];
    Arrays.fill(other, (byte) 7);
    assertThat(copy(OBJECT, Unpooled.wrappedBuffer(other))).isEqualTo(StoreStatus.OK);
    assertThat(read(OBJECT)).isEqualTo(other);
  }

  @Test
  void smallCopiesUnevenObjectsAndNewObjectsGoThroughTheCache() {
    assertThat(copy(OBJECT, bytes(4096))).isEqualTo(StoreStatus.OK);
    assertThat(copy(OBJECT + 4664, bytes(OBJECT))).isEqualTo(StoreStatus.OK);
    StoreStatus created =
        opened.loop.complete(
            () ->
                objects()
                    .create(OID, attributes(OBJECT), 0, Unpooled.wrappedBuffer(bytes(OBJECT))));
    assertThat(created).isEqualTo(StoreStatus.OK);
    assertThat(disk.calls).doesNotContain("create-direct " + OID + ".tmp");
    assertThat(read(OBJECT)).isEqualTo(bytes(OBJECT));
  }

  @Test
  void aFailedWriteLeavesNothing() {
    disk.interceptor =
        call -> {
          if (call.equals("write " + OID + ".tmp")) {
            throw new IOException("No space left on device");
          }
        };
    assertThat(copy(OBJECT, bytes(OBJECT))).isEqualTo(StoreStatus.NO_SPACE);
    disk.interceptor = call -> {};
    assertThat(file()).doesNotExist();
    assertThat(file().resolveSibling(OID + ".tmp")).doesNotExist();
    assertThat(copy(OBJECT, bytes(OBJECT))).isEqualTo(StoreStatus.OK);
    assertThat(read(OBJECT)).isEqualTo(bytes(OBJECT));
  }

  private Path file() {
    return directory.resolve("store").resolve("obj").resolve(OID.toString());
  }

  private ObjectStore objects() {
    return opened.store().objects();
  }

  private static ObjectAttributes attributes(long size) {
    return new ObjectAttributes(size, 1, 0, new Epoch(1));
  }

  private StoreStatus copy(int size, byte[] bytes) {
    return copy(size, Unpooled.wrappedBuffer(bytes));
  }

  private StoreStatus copy(int size, ByteBuf bytes) {
    return opened.loop.complete(() -> objects().createCopy(OID, attributes(size), bytes));
  }

  private byte[] read(int length) {
    ReadOutcome read = opened.loop.complete(() -> objects().read(OID, 0, length));
    assertThat(read.status()).isEqualTo(StoreStatus.OK);
    byte[] bytes = new byte[length];
    read.data().readBytes(bytes).release();
    return bytes;
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
