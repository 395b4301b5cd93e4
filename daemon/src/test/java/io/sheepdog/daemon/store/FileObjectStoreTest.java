package io.sheepdog.daemon.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ObjectStoreContract;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.nativebindings.libc.FileBlocks;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest extends ObjectStoreContract {
  private static final Epoch FIRST = new Epoch(1);

  @TempDir Path directory;
  private OpenedStore opened;

  @BeforeEach
  void open() {
    opened = new OpenedStore(directory.resolve("store"));
  }

  @AfterEach
  void close() {
    opened.close();
  }

  @Override
  protected ContractLoop loop() {
    return opened.loop;
  }

  @Override
  protected ObjectStore store() {
    return opened.store().objects();
  }

  @Override
  protected void flip(ObjectId oid, long offset) {
    opened.closeStore();
    Path file = directory.resolve("store").resolve("obj").resolve(oid.toString());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) ~one.get(0));
      channel.write(one.flip(), offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    opened.openStore();
  }

  /** Who reads whole stripes, as recovery does, gets no bytes that have changed since. */
  @Test
  void bytesThatChangeBelowAnOpenFileAreSeenByWhoReadsWholeStripes() throws IOException {
    int size = 4 << 20;
    int stripe = 64 << 10;
    ObjectId oid = ObjectId.data(new VdiId(1), 0);
    ByteBuf data = Unpooled.buffer().writeBytes("abcd".repeat(size / 4).getBytes(US_ASCII));
    loop().complete(() -> store().create(oid, new ObjectAttributes(size, 1, 0, FIRST), 0, data));
    data.release();
    long version = loop().complete(() -> store().digest(oid)).version();
    assertThat(loop().complete(() -> store().markClean(oid, version))).isEqualTo(StoreStatus.OK);
    assertThat(read(oid, 0, size)).isEqualTo(StoreStatus.OK);

    Path file = directory.resolve("store").resolve("obj").resolve(oid.toString());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), 5 * stripe + 7);
    }

    assertThat(read(oid, 0, 5 * stripe)).isEqualTo(StoreStatus.OK);
    assertThat(read(oid, stripe + 1, 5 * stripe - 1)).isEqualTo(StoreStatus.DAMAGED);
    assertThat(read(oid, 5 * stripe, 1)).isEqualTo(StoreStatus.DAMAGED);
    assertThat(read(oid, 6 * stripe, 10 * stripe)).isEqualTo(StoreStatus.OK);
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(oid);
  }

  private StoreStatus read(ObjectId oid, long offset, int length) {
    ReadOutcome read = loop().complete(() -> store().read(oid, offset, length));
    read.data().release();
    return read.status();
  }

  /** Where blocks are shared they stay so. */
  @Test
  void holesAndZerosOfASourceTakeNoRoomInItsCopy() throws IOException {
    int size = 4 << 20;
    ObjectId source = ObjectId.data(new VdiId(1), 0);
    ObjectId copy = ObjectId.data(new VdiId(2), 0);
    ObjectAttributes attributes = new ObjectAttributes(size, 1, 0, FIRST);
    ByteBuf ones = Unpooled.buffer().writeBytes(new byte[100_000]).writeByte(1);
    ByteBuf data = Unpooled.buffer().writeByte(2);
    assertThat(loop().complete(() -> store().create(source, attributes, 1 << 20, ones)))
        .isEqualTo(StoreStatus.OK);
    for (boolean isSummed : new boolean[] {false, true}) {
      assertThat(
              loop()
                  .complete(() -> store().copy(copy, attributes, source, 3 << 20, data, isSummed))
                  .status())
          .isEqualTo(StoreStatus.OK);
      Path file = directory.resolve("store").resolve("obj").resolve(copy.toString());
      long allocated =
          new FileBlocks()
              .data(file, size).stream().mapToLong(range -> range.to() - range.from()).sum();
      assertThat(allocated).isLessThan(size / 4);
      ByteBuf read = loop().complete(() -> store().read(copy, 0, size)).data();
      assertThat(read.getByte((1 << 20) + 100_000)).isEqualTo((byte) 1);
      assertThat(read.getByte(3 << 20)).isEqualTo((byte) 2);
      read.release();
    }
    ones.release();
    data.release();
  }

  @Override
  protected void reopen() {
    opened.reopen();
  }
}
