package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Transport;

/** A mistake planted into every node of a world, to show that the checks would find it. */
public interface Mistake {
  /** The product as it is. */
  Mistake NONE = new Mistake() {};

  /** The decisions of the gateways. */
  default WritePolicy policy() {
    return WritePolicy.SAFE;
  }

  /** The store that a node gets. */
  default ObjectStore store(ObjectStore real, SimProcess process) {
    return real;
  }

  /** The transport that a node gets. */
  default Transport transport(Transport real) {
    return real;
  }
}
