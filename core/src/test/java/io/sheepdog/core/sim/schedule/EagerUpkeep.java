package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.replica.RecoveryPolicy;
import java.time.Duration;

/**
 * The rules as they are, but copies are compared all the time, and also those of objects that
 * somebody is writing to.
 */
class EagerUpkeep extends RecoveryPolicy implements Mistake {
  @Override
  protected Duration cleaningInterval() {
    return Duration.ofMillis(2);
  }

  @Override
  protected Duration idleBeforeCleaning() {
    return Duration.ofNanos(-1);
  }

  @Override
  public RecoveryPolicy recovery() {
    return this;
  }
}
