package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.sim.contract.ClusterDriverContract;
import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ExecutorContractLoop;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNet;
import io.sheepdog.nativebindings.corosync.OnNode;
import io.sheepdog.nativebindings.group.CorosyncGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Against real corosync: each process of a test is on a node of its own. */
class CorosyncClusterDriverTest extends ClusterDriverContract {
  private static final int NODES = 4;
  private static CorosyncNet net;
  private static int groups;

  private final String group = "sheepdog-contract-" + groups++;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final ContractLoop loop = new ExecutorContractLoop(executor, Duration.ofSeconds(30));
  private final List<CorosyncClusterDriver> drivers = new ArrayList<>();

  @BeforeAll
  static void startCorosync() {
    net = CorosyncNet.running(NODES, CorosyncConf.QUORUM);
  }

  @AfterAll
  static void stopCorosync() {
    net.close();
  }

  @AfterEach
  void everyProcessEnds() throws InterruptedException {
    for (CorosyncClusterDriver driver : drivers) {
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
    OnNode node = new OnNode(net.node(drivers.size() + 1));
    CorosyncClusterDriver driver =
        new CorosyncClusterDriver(
            listener -> CorosyncGroup.open(group, node, listener),
            (int) ProcessHandle.current().pid(),
            executor,
            (why, until, forOthers) -> {},
            0,
            () -> false);
    drivers.add(driver);
    return driver;
  }

  @Override
  protected void kill(ClusterDriver driver) {
    CorosyncClusterDriver dying = (CorosyncClusterDriver) driver;
    loop.run(dying::kill);
    try {
      assertThat(dying.awaitEnd(Duration.ofSeconds(10))).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
