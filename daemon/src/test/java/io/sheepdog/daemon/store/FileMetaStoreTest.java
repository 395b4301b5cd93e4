package io.sheepdog.daemon.store;

import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.MetaStoreContract;
import io.sheepdog.core.spi.MetaStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FileMetaStoreTest extends MetaStoreContract {
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
  protected MetaStore store() {
    return opened.store().meta();
  }

  @Override
  protected void reopen() {
    opened.reopen();
  }
}
