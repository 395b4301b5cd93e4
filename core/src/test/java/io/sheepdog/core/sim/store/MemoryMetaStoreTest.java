package io.sheepdog.core.sim.store;

import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.MetaStoreContract;
import io.sheepdog.core.sim.contract.SimContractLoop;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.MetaStore;
import java.util.SplittableRandom;

class MemoryMetaStoreTest extends MetaStoreContract {
  private final EventQueue queue = new EventQueue();
  private final ContractLoop loop = new SimContractLoop(queue);
  private final MetaContents contents = new MetaContents(0x1234, 1L << 40);
  private MetaStore store = open();

  private MetaStore open() {
    return new MemoryMetaStore(
        contents, new SimProcess(queue, "node", 0), new SplittableRandom(2), Delays.DISK);
  }

  @Override
  protected ContractLoop loop() {
    return loop;
  }

  @Override
  protected MetaStore store() {
    return store;
  }

  @Override
  protected void reopen() {
    store = open();
  }
}
