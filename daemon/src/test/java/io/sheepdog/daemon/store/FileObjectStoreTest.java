package io.sheepdog.daemon.store;

import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ObjectStoreContract;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest extends ObjectStoreContract {
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

  @Override
  protected void reopen() {
    opened.reopen();
  }
}
