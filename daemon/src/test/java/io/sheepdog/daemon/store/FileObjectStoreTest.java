package io.sheepdog.daemon.store;

import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ObjectStoreContract;
import io.sheepdog.core.spi.ObjectStore;
import java.nio.file.Path;
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
  protected void reopen() {
    opened.reopen();
  }
}
