package io.sheepdog.daemon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.contract.ClusterDriverContract;
import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ExecutorContractLoop;
import io.sheepdog.core.spi.ClusterDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterDriverTest extends ClusterDriverContract {
  @TempDir Path base;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final ContractLoop loop = new ExecutorContractLoop(executor, Duration.ofSeconds(30));
  private final List<LocalClusterDriver> drivers = new ArrayList<>();

  @AfterEach
  void everyProcessEnds() throws InterruptedException {
    for (LocalClusterDriver driver : drivers) {
      loop.run(driver::leave);
      assertThat(driver.awaitEnd(Duration.ofSeconds(10))).isTrue();
    }
    executor.shutdown();
  }

  @Override
  protected ContractLoop loop() {
    return loop;
  }

  @Override
  protected ClusterDriver newProcess() {
    // A tiny file limit: most tests then also cross from file to file.
    LocalClusterDriver driver = new LocalClusterDriver(base.resolve("group"), executor, 2000);
    drivers.add(driver);
    return driver;
  }

  @Override
  protected void kill(ClusterDriver driver) {
    try {
      ((LocalClusterDriver) driver).kill();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
