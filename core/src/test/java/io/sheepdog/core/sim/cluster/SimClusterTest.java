package io.sheepdog.core.sim.cluster;

import io.sheepdog.core.sim.contract.ClusterDriverContract;
import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.SimContractLoop;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ClusterDriver;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

class SimClusterTest extends ClusterDriverContract {
  private final EventQueue queue = new EventQueue();
  private final ContractLoop loop = new SimContractLoop(queue);
  private final SimCluster cluster =
      new SimCluster(queue, new SplittableRandom(4), Delays.CLUSTER, Delays.DETECTION);
  private final Map<ClusterDriver, SimProcess> processes = new HashMap<>();

  @Override
  protected ContractLoop loop() {
    return loop;
  }

  @Override
  protected ClusterDriver newProcess() {
    SimProcess process = new SimProcess(queue, "process", 0);
    SimClusterDriver driver = cluster.driver(process);
    processes.put(driver, process);
    return driver;
  }

  @Override
  protected void kill(ClusterDriver driver) {
    Objects.requireNonNull(processes.get(driver)).kill();
    cluster.died((SimClusterDriver) driver);
  }
}
